// Turns the parser's events into a document with places. nlohmann's SAX events carry no positions,
// so a second cursor walks the same text in step with them: between two tokens there is nothing but
// white space, comments and punctuation.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "chaos/scenario/input_error.hpp"
#include "chaos/scenario/source.hpp"

namespace windtunnel::chaos {

/// Walks from token to token through a text whose tokens the JSON parser has found to be well
/// formed.
class TokenCursor {
 public:
  explicit TokenCursor(std::string_view text);

  /// Moves to the start of the next value, key, '{' or '[' and returns its offset. Punctuation at
  /// or behind `limit` counts as a token too: that is where a syntax error stands.
  std::size_t find_token(std::size_t limit = std::string_view::npos);
  /// Moves behind the token that find_token found.
  void pass_token();
  /// The last of ",:}]" that find_token passed over, or 0.
  [[nodiscard]] char last_punctuation() const { return punctuation_; }

 private:
  void skip_blanks();
  [[nodiscard]] char at(std::size_t offset) const {
    return offset < text_.size() ? text_[offset] : '\0';
  }

  std::string_view text_;
  std::size_t offset_ = 0;
  char punctuation_ = 0;
};

/// A syntax error or a key given twice; the caller turns the offset into a line and a column.
struct SourceProblem {
  std::size_t offset = 0;
  std::string pointer;
  std::string found;
  std::string expected;
};

/// The receiver of nlohmann::json::sax_parse.
class SourceBuilder : public nlohmann::json_sax<Json> {
 public:
  SourceBuilder(std::string_view text, Json& document, Source::Offsets& offsets)
      : text_(text), cursor_(text), document_(document), offsets_(offsets) {}

  [[nodiscard]] const std::vector<SourceProblem>& problems() const { return problems_; }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool key(string_t& name) override;
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string& last_token,
                   const nlohmann::detail::exception& error) override;

 private:
  /// A container that is still open. `key` and `key_offset` are those of the member being read.
  struct Frame {
    Json* container;
    std::string pointer;
    std::string key;
    std::size_t key_offset = 0;
    bool key_is_new = true;
  };

  bool add(Json value);
  bool open(Json container);
  bool close();
  /// Puts a value where it belongs and returns where it now stands.
  Json* place(Json value, std::size_t offset, std::string& pointer);
  Json* discard(Json value, std::string& pointer);
  [[nodiscard]] std::string expected_next() const;

  std::string_view text_;
  TokenCursor cursor_;
  Json& document_;
  Source::Offsets& offsets_;
  std::vector<Frame> frames_;
  std::deque<Json>
      discarded_;  ///< Values of keys given twice; a deque, since frames point into it.
  std::vector<SourceProblem> problems_;
  bool after_key_ = false;
};

}  // namespace windtunnel::chaos
