// JSON pointers (RFC 6901) as plain strings: building them, and walking from a pointer towards the
// root.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace windtunnel::chaos {

/// `pointer` extended by an object's key; '~' and '/' in the key are escaped.
[[nodiscard]] std::string pointer_to(std::string_view pointer, std::string_view key);
[[nodiscard]] std::string pointer_to(std::string_view pointer, std::size_t index);

/// The pointer without its last part; the root is its own parent.
[[nodiscard]] std::string_view parent_pointer(std::string_view pointer);

/// A part of a pointer as the key it stands for.
[[nodiscard]] std::string unescape_pointer_part(std::string_view part);

}  // namespace windtunnel::chaos
