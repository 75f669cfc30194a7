// What is asked of a gate, and what it says about itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "models/gate/bundle.hpp"

namespace windtunnel::gate {

/// May this change be made?
struct ReviewRequest {
  static constexpr std::string_view kWireName = "gate.review_request";
  std::string subject;  ///< What the change is called, for the record.
  Document input;
};
BOOST_DESCRIBE_STRUCT(ReviewRequest, (), (subject, input))

struct ReviewResponse {
  static constexpr std::string_view kWireName = "gate.review_response";
  Decision decision;
};
BOOST_DESCRIBE_STRUCT(ReviewResponse, (), (decision))

/// A fact: this gate decided so.
struct ChangeReviewed {
  static constexpr std::string_view kWireName = "gate.change_reviewed";
  std::string subject;
  Decision decision;
};
BOOST_DESCRIBE_STRUCT(ChangeReviewed, (), (subject, decision))

/// A fact: this gate goes by this revision of the bundle from now on.
struct BundleActivated {
  static constexpr std::string_view kWireName = "gate.bundle_activated";
  std::uint64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(BundleActivated, (), (revision))

/// A fact: it does not take this one, and goes by the last good one.
struct BundleRefused {
  static constexpr std::string_view kWireName = "gate.bundle_refused";
  std::uint64_t revision = 0;
  std::uint64_t kept = 0;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(BundleRefused, (), (revision, kept, reason))

}  // namespace windtunnel::gate
