// Names of hosts as a scenario writes them: braces make many names of one text ("cp-{a,b,c}",
// "web-{1..30}"), globs choose among names that exist ("cp-*", "web-?").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chaos/scenario/quantity.hpp"

namespace windtunnel::chaos {

/// Larger expansions are refused: they are a slip of the pen more often than a plan.
inline constexpr std::size_t kHostsMax = 100'000;

/// One name of an expansion; `item` is what its first pair of braces became ("b", "17"), empty
/// without braces.
struct ExpandedName {
  std::string name;
  std::string item;
};

/// All names, the last braces running fastest. Braces do not nest.
[[nodiscard]] Parsed<std::vector<ExpandedName>> expand_braces(std::string_view pattern);

/// Whether `glob` matches the whole of `name`: '*' any characters, '?' any one.
[[nodiscard]] bool glob_matches(std::string_view glob, std::string_view name);

/// Whether a text consists of letters, digits, '-', '_' and '.', and so can name a host, a zone or
/// a fault.
[[nodiscard]] bool is_plain_name(std::string_view name);

}  // namespace windtunnel::chaos
