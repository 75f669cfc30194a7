// What limits the retries and hedges of all requests of one route together, by the rules and the
// numbers of a product. Values only.
#pragma once

#include <cstdint>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

namespace windtunnel::proxy {

enum class RetryQuotaKind : std::uint8_t { grpc, aws, aws_2026, finagle, sre };
BOOST_DESCRIBE_ENUM(RetryQuotaKind, grpc, aws, aws_2026, finagle, sre)

struct RetryQuotaSettings {
  RetryQuotaKind kind = RetryQuotaKind::grpc;

  friend bool operator==(const RetryQuotaSettings&, const RetryQuotaSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(RetryQuotaSettings, (), (kind))

}  // namespace windtunnel::proxy
