// Cursors over a scenario's document. A Node is one value with its place; a Block is an object of
// which the keys are known. Reading never stops at a problem: it is noted with its place, and the
// destination keeps its default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chaos/scenario/input_error.hpp"
#include "chaos/scenario/scenario_keys.hpp"
#include "chaos/scenario/source.hpp"

namespace windtunnel::chaos {

/// Which value of a range `{"between": [low, high]}` a reading takes.
enum class RangeChoice : std::uint8_t { low, high, drawn };

/// What all nodes of one reading share.
struct Reading {
  const Source& source;
  RangeChoice choice = RangeChoice::low;
  std::uint64_t seed = 0;  ///< Used where `choice` is drawn.
  std::vector<InputError> errors;
  bool has_ranges = false;  ///< Whether a range was met.
  /// Problems met, also those that are not among the errors because others stand for them.
  std::size_t problems = 0;
};

/// One value of the document.
class Node {
 public:
  explicit Node(Reading& reading) : reading_(&reading), json_(&reading.source.document()) {}

  [[nodiscard]] const Json& json() const { return *json_; }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  [[nodiscard]] Reading& reading() const { return *reading_; }

  /// Preconditions: it is there.
  [[nodiscard]] Node member(std::string_view key) const;
  [[nodiscard]] Node element(std::size_t index) const;
  /// All elements of an array, or none; anything else is a problem.
  [[nodiscard]] std::vector<Node> elements(std::string_view expected) const;
  /// All members of an object with their keys, or none; anything else is a problem.
  [[nodiscard]] std::vector<std::pair<std::string, Node>> members(std::string_view expected) const;

  /// Draws in this node and below are keyed by `name` instead of by its index.
  void name_stream(std::string_view name);
  /// What draws at this node are for: like the pointer, with entries by name.
  [[nodiscard]] const std::string& stream() const { return stream_; }

  /// Notes a problem with the value, or with the key that leads to it.
  void complain(std::string found, std::string expected, std::string nearest = "") const;
  void complain(std::string expected) const { complain(found(), std::move(expected)); }
  void complain_about_key(std::string found, std::string expected, std::string nearest = "") const;

  /// The value in words: `"90x"`, `the number 90`, `an object`.
  [[nodiscard]] std::string found() const;

 private:
  void note(InputError error) const;

  Reading* reading_;
  const Json* json_;
  std::string pointer_;
  std::string stream_ = "plan";
};

/// An object of the document. Making one notes every key that is not in `keys`; keys that begin
/// with "x-" are free.
class Block {
 public:
  Block(const Node& node, const KeySet& keys);

  [[nodiscard]] const Node& node() const { return node_; }
  void name_stream(std::string_view name) { node_.name_stream(name); }
  [[nodiscard]] bool has(std::string_view key) const;
  /// Precondition: has(key).
  [[nodiscard]] Node at(std::string_view key) const { return node_.member(key); }

  /// Reads `key` with the read_value of its type, if it is there.
  template <typename T, typename... Limits>
  void optional(std::string_view key, T& into, const Limits&... limits) const {
    if (has(key)) {
      read_value(at(key), into, limits...);
    }
  }
  /// The same; its absence is a problem.
  template <typename T, typename... Limits>
  void required(std::string_view key, T& into, const Limits&... limits) const {
    require(key);
    optional(key, into, limits...);
  }
  /// Notes the absence of `key`; false where it is absent.
  bool require(std::string_view key) const;

 private:
  Node node_;
  KeySet keys_;
};

}  // namespace windtunnel::chaos
