// A scenario file as read: its JSON document together with the line and column of every key and
// value, so that whatever is wrong with a value can be said with its place. It knows JSON, not
// scenarios.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "chaos/scenario/input_error.hpp"

namespace windtunnel::chaos {

/// Objects keep the order of the file: hosts are numbered in it.
using Json = nlohmann::ordered_json;

/// Deeper nesting is an error: it keeps every recursive walk over a document shallow.
inline constexpr std::size_t kNestingMax = 64;

/// Where a value stands in the text, in bytes from its start; `key` is that of an object's member,
/// else the value's.
struct TokenOffsets {
  std::size_t key = 0;
  std::size_t value = 0;
};

class Source {
 public:
  using Offsets = std::map<std::string, TokenOffsets, std::less<>>;

  /// Reads `text`; never throws on bad input.
  Source(std::string file, std::string text);

  [[nodiscard]] const std::string& file() const { return file_; }
  /// As it was read, without overrides.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const Json& document() const { return document_; }

  /// False where the text is no JSON at all; then the document is null and errors() say why.
  [[nodiscard]] bool is_readable() const { return readable_; }

  /// Syntax errors, keys given twice, overrides that lead nowhere.
  [[nodiscard]] const std::vector<InputError>& errors() const { return errors_; }

  /// The place of the value at `pointer`, or of the nearest value around it.
  [[nodiscard]] Place place_of(std::string_view pointer) const;
  /// The place of the key that leads to the value at `pointer`.
  [[nodiscard]] Place place_of_key(std::string_view pointer) const;
  /// The line and column of a byte of the text.
  [[nodiscard]] Place place_at(std::size_t offset) const;

  /// Puts `value` at `pointer`, making the objects on the way; errors about it will name `argument`
  /// as their place. False, and nothing changes, where a value on the way is neither an object nor
  /// an array with such an element.
  [[nodiscard]] bool replace(const std::string& pointer, Json value, const std::string& argument);

  void add_error(InputError error) { errors_.push_back(std::move(error)); }

  /// By pointer of a member that was made of another: that of the other.
  using Origins = std::map<std::string, std::string, std::less<>>;
  /// Puts `members` in place of the object at `pointer`, which must be there. What is wrong with a
  /// member that `origins` names is wrong with its origin.
  void expand(const std::string& pointer, Json members, Origins origins);
  /// The value of the file that the value at `pointer` was made of: itself, mostly.
  [[nodiscard]] std::string origin_of(std::string_view pointer) const;

 private:
  [[nodiscard]] Place find_place(std::string_view pointer, std::size_t TokenOffsets::*which) const;

  std::string file_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
  Json document_;
  Offsets offsets_;
  std::map<std::string, std::string, std::less<>>
      arguments_;  ///< Pointer → the argument that set it.
  Origins origins_;
  std::vector<InputError> errors_;
  bool readable_ = false;
};

/// Reads JSON with comments. Never throws on bad input: problems are in errors().
[[nodiscard]] Source parse_source(std::string text, std::string file);

/// Applies a `--set` argument "PATH=VALUE". PATH is dotted ("control_plane.raft.tick") or a JSON
/// pointer; elements of an array go by index or by their "id". VALUE is JSON, or else stands for
/// itself as a string. Problems go to errors().
void apply_override(Source& source, std::string_view assignment);

/// Makes one member of each name that the braces of a key stand for, in the objects of services and
/// policies: "shop-{1..3}" is shop-1, shop-2 and shop-3, and "{}" within its value is 1, 2 or 3.
/// Problems go to errors().
void expand_names(Source& source);

}  // namespace windtunnel::chaos
