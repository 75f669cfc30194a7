// How the kinds of values that route policies are made of are read. Internal to the loader.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/scenario_values.hpp"
#include "models/proxy/parts_per_billion.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

inline constexpr Limits<std::uint32_t> kCount{1, 1'000'000'000};

template <typename Enum>
[[nodiscard]] std::vector<Choice<Enum>> choices_of() {
  std::vector<Choice<Enum>> choices;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>([&](auto enumerator) {
    choices.push_back({enumerator.name, enumerator.value});
  });
  return choices;
}

template <typename Enum>
void read_choice(const Block& block, std::string_view key, Enum& into) {
  const std::vector<Choice<Enum>> choices = choices_of<Enum>();
  block.optional(key, into, std::span<const Choice<Enum>>{choices});
}

inline void read_parts(const Block& block, std::string_view key, proxy::PartsPerBillion& into) {
  Share share{into};
  block.optional(key, share);
  into = static_cast<proxy::PartsPerBillion>(share.billionths);
}

inline void read_parts(const Block& block, std::string_view key,
                       std::optional<proxy::PartsPerBillion>& into) {
  if (block.has(key)) {
    read_parts(block, key, into.emplace());
  }
}

/// A key that says nothing under this kind: it would be ignored without a word.
inline void refuse_keys(const Block& block, std::string_view kind,
                        std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (block.has(key)) {
      block.at(key).complain_about_key(fmt::format("\"{}\" beside the kind \"{}\"", key, kind),
                                       "a kind that has it");
    }
  }
}

/// A component of the route: an object changes its settings, null takes it off the way.
template <typename Settings>
void read_component(const Block& block, std::string_view key, std::optional<Settings>& into,
                    void (*read)(const Node&, Settings&)) {
  if (!block.has(key)) {
    return;
  }
  const Node node = block.at(key);
  if (node.json().is_null()) {
    into.reset();
    return;
  }
  if (!into) {
    into.emplace();
  }
  read(node, *into);
}

}  // namespace windtunnel::chaos
