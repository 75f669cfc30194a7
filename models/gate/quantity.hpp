// Numbers with units, compared exactly: "16Gi" with "8Gi", "250ms" with "1s", "3000/s" with "1/ms".
// Suffixes of numbers are those of Kubernetes' quantities (m, k, M, ..., Ki, Mi, ...).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace windtunnel::gate {

/// Nothing where one of the two is no quantity, or both are, but of nothing that can be compared:
/// "5s" with "3". What "5m" means, a thousandth or a minute, the other one says.
[[nodiscard]] std::optional<std::strong_ordering> compare_quantities(std::string_view left,
                                                                     std::string_view right);

/// Whether it is a quantity of any kind.
[[nodiscard]] bool is_quantity(std::string_view text);

}  // namespace windtunnel::gate
