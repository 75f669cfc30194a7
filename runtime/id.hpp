// Strong identifiers: an Id<Tag> never converts to another kind of id or to a number by accident.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace windtunnel {

/// An identifier of one kind of thing. Zero is a valid value; absence is std::optional's business.
template <typename Tag, typename Rep = std::uint32_t>
class Id {
 public:
  using rep = Rep;

  constexpr Id() = default;
  constexpr explicit Id(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }

  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  Rep value_ = 0;
};

/// A simulated or real machine. Dense from zero within one world or one live cluster.
using HostId = Id<struct HostTag>;

}  // namespace windtunnel

template <typename Tag, typename Rep>
struct std::hash<windtunnel::Id<Tag, Rep>> {
  std::size_t operator()(windtunnel::Id<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
