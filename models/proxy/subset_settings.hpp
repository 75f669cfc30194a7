// Settings of subsets by label: which parts of a service's endpoints can be asked for, which of
// them a route asks for, and who is asked where that one is not there. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

namespace windtunnel::proxy {

struct EndpointLabel {
  std::string name;
  std::string value;

  friend bool operator==(const EndpointLabel&, const EndpointLabel&) = default;
};
BOOST_DESCRIBE_STRUCT(EndpointLabel, (), (name, value))

/// Envoy's NO_FALLBACK, ANY_ENDPOINT and DEFAULT_SUBSET.
enum class SubsetOtherwise : std::uint8_t { nobody, any, default_labels };
BOOST_DESCRIBE_ENUM(SubsetOtherwise, nobody, any, default_labels)

/// Each combination of values that endpoints have under these labels can be asked for.
struct SubsetBy {
  std::vector<std::string> names;
  std::optional<SubsetOtherwise> otherwise{};  ///< Instead of the general one.

  friend bool operator==(const SubsetBy&, const SubsetBy&) = default;
};
BOOST_DESCRIBE_STRUCT(SubsetBy, (), (names, otherwise))

struct SubsetSettings {
  std::vector<SubsetBy> selectors;
  SubsetOtherwise otherwise = SubsetOtherwise::nobody;
  std::vector<EndpointLabel> default_labels{};  ///< By name.
  /// What requests on the route ask for, by name. It is a subset only where its names are exactly
  /// those of a selector; nothing asks for none, and gets what a subset that is not there would.
  std::vector<EndpointLabel> match{};

  friend bool operator==(const SubsetSettings&, const SubsetSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(SubsetSettings, (), (selectors, otherwise, default_labels, match))

/// What no subsets can be made by; empty where some can.
[[nodiscard]] std::string_view flaw_of(const SubsetSettings& settings);

}  // namespace windtunnel::proxy
