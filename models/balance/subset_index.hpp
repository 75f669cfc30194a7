// Finds the part of a service that a request asks for by labels ("stage: canary"), among parts made
// in advance: Envoy's load balancer subsets (arch_overview/upstream/load_balancing/subsets.rst). It
// knows which endpoints belong where; it balances nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/balance/endpoint.hpp"

namespace windtunnel::balance {

using Label = std::pair<std::string, std::string>;
/// Key and value that a request wants to find on an endpoint.
using LabelMatch = std::pair<std::string_view, std::string_view>;

/// What a request gets that asks for no subset, or for one that does not exist.
enum class SubsetFallback : std::uint8_t { nothing, any_endpoint, default_subset };

/// Each combination of values that endpoints have under these keys is a subset.
struct SubsetSelector {
  std::vector<std::string> keys;
  std::optional<SubsetFallback> fallback{};  ///< Instead of the general one.
};

struct SubsetOptions {
  std::vector<SubsetSelector> selectors{};
  SubsetFallback fallback = SubsetFallback::nothing;
  std::vector<Label> default_subset{};
};

class SubsetIndex {
 public:
  /// Parts by number: 0 holds all endpoints, 1 the default subset if anything falls back to it, the
  /// others the selectors'.
  static constexpr std::size_t kAll = 0;
  static constexpr std::size_t kDefault = 1;

  SubsetIndex(const SubsetOptions& options, std::span<const Endpoint> endpoints);

  /// Positions in `endpoints`, ascending, for each part.
  [[nodiscard]] std::span<const std::vector<std::uint32_t>> parts() const { return parts_; }

  /// The part to balance over. `wanted` is sorted by key; it names a subset only if its keys are
  /// exactly those of a selector. O(selectors + log subsets), allocates nothing.
  [[nodiscard]] std::optional<std::size_t> find(std::span<const LabelMatch> wanted) const;

  /// The part of `other`, an index with the same options, that stands for the same labels as `part`
  /// does here.
  [[nodiscard]] std::optional<std::size_t> counterpart(std::size_t part,
                                                       const SubsetIndex& other) const;

 private:
  struct Subset {
    std::vector<std::string> values;  ///< In the order of the selector's keys.
    std::size_t part = 0;
  };
  struct Selector {
    std::vector<std::string> keys;  ///< Sorted.
    SubsetFallback fallback{};
    std::vector<Subset> subsets;  ///< Sorted by values.
  };

  void fill(std::size_t selector_number, std::span<const Endpoint> endpoints);
  [[nodiscard]] static std::optional<std::size_t> part_for(SubsetFallback fallback);
  [[nodiscard]] static std::optional<std::size_t> find_in(const Selector& selector,
                                                          std::span<const LabelMatch> wanted);

  SubsetFallback fallback_;
  std::vector<Selector> selectors_;
  std::vector<std::vector<std::uint32_t>> parts_;
  /// From part 2 on: which selector's which subset it is.
  std::vector<std::pair<std::size_t, std::size_t>> places_;
};

}  // namespace windtunnel::balance
