// "Did you mean": the known name that an unknown one was probably meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace windtunnel::chaos {

/// The nearest of `known`, or an empty string where none comes near. Near means: equal but for
/// ASCII case, or the last dotted part of a known name, or few edits away (insert, delete, replace,
/// swap neighbours; at most one in three characters, or one in two of a very short name). Among
/// equally near names the first wins.
[[nodiscard]] std::string nearest_name(std::string_view wanted,
                                       std::span<const std::string_view> known);
[[nodiscard]] std::string nearest_name(std::string_view wanted, std::span<const std::string> known);

}  // namespace windtunnel::chaos
