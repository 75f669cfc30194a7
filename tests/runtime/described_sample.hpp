// A described struct with a member of every kind the codec knows, and RapidCheck's way to make one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>
#include <rapidcheck.h>

#include "runtime/bytes.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"
#include "runtime/payload.hpp"

namespace windtunnel {

enum class Colour : std::uint8_t { red = 1, green = 2, blue = 7 };
BOOST_DESCRIBE_ENUM(Colour, red, green, blue)

struct Inner {
  std::int32_t depth = 0;
  std::optional<std::string> label;
  friend bool operator==(const Inner&, const Inner&) = default;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (depth, label))

struct Everything {
  static constexpr std::string_view kWireName = "test.everything";
  bool flag = false;
  std::uint8_t small = 0;
  std::int16_t medium = 0;
  std::uint64_t large = 0;
  std::int64_t negative = 0;
  double real = 0;
  Colour colour = Colour::red;
  Duration span{};
  TrueInstant at{};
  HostId host;
  std::string text;
  SharedBytes bytes;
  std::vector<Inner> list;
  std::optional<Inner> maybe;
  friend bool operator==(const Everything&, const Everything&) = default;
};
BOOST_DESCRIBE_STRUCT(Everything, (),
                      (flag, small, medium, large, negative, real, colour, span, at, host, text,
                       bytes, list, maybe))

inline rc::Gen<Inner> arbitrary_inner() {
  return rc::gen::build<Inner>(
      rc::gen::set(&Inner::depth),
      rc::gen::set(&Inner::label, rc::gen::map(rc::gen::arbitrary<rc::Maybe<std::string>>(),
                                               [](const rc::Maybe<std::string>& text) {
                                                 return text ? std::optional{*text} : std::nullopt;
                                               })));
}

inline Everything arbitrary_everything() {
  using rc::gen::arbitrary;
  Everything value;
  value.flag = *arbitrary<bool>();
  value.small = *arbitrary<std::uint8_t>();
  value.medium = *arbitrary<std::int16_t>();
  value.large = *arbitrary<std::uint64_t>();
  value.negative = *arbitrary<std::int64_t>();
  value.real = *arbitrary<double>();
  value.colour = *rc::gen::element(Colour::red, Colour::green, Colour::blue);
  value.span = Duration{*arbitrary<std::int64_t>()};
  value.at = instant_at<TrueInstant>(*arbitrary<std::int64_t>());
  value.host = HostId{*arbitrary<std::uint32_t>()};
  value.text = *arbitrary<std::string>();
  value.bytes = SharedBytes{*arbitrary<std::string>()};
  value.list = *rc::gen::container<std::vector<Inner>>(arbitrary_inner());
  if (*arbitrary<bool>()) {
    value.maybe = *arbitrary_inner();
  }
  return value;
}

}  // namespace windtunnel
