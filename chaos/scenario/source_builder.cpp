#include "chaos/scenario/source_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/json_pointer.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kQuotedMax = 40;

bool is_punctuation(char c) {
  return c == ',' || c == ':' || c == '}' || c == ']';
}

bool ends_bare_token(char c) {
  return c == '\0' || is_punctuation(c) ||
         std::string_view{" \t\r\n/\"{["}.find(c) != std::string_view::npos;
}

/// What a lexical error of the parser means; the parser's own wording is recognised by a part of
/// it.
struct LexicalError {
  std::string_view sign;
  std::string_view expected;
};

constexpr std::array kLexicalErrors{
    LexicalError{"missing closing quote", "a closing quote"},
    LexicalError{"(LF) must be escaped", "a closing quote before the end of the line"},
    LexicalError{"(CR) must be escaped", "a closing quote before the end of the line"},
    LexicalError{"must be escaped", "control characters in a string to be escaped, as in \\n"},
    LexicalError{"ill-formed UTF-8", "well-formed UTF-8"},
    LexicalError{"surrogate", "two surrogates in a row, as in \\uD83D\\uDE00"},
    LexicalError{"4 hex digits", "four hexadecimal digits after \\u"},
    LexicalError{"forbidden character after backslash",
                 "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a backslash"},
    LexicalError{"invalid number", "a number such as 12 or 0.5"},
    LexicalError{"number overflow", "a smaller number"},
    LexicalError{"missing closing '*/'", "a comment closed by */"},
    LexicalError{"invalid comment", "a comment, // or /* */"},
    LexicalError{"invalid BOM", "text in UTF-8"}};

std::string_view lexical_expectation(std::string_view what) {
  const auto error = std::find_if(
      kLexicalErrors.begin(), kLexicalErrors.end(),
      [&](const LexicalError& e) { return what.find(e.sign) != std::string_view::npos; });
  return error == kLexicalErrors.end() ? std::string_view{} : error->expected;
}

/// Where the token at the start of `text` ends, at most kQuotedMax bytes on.
std::size_t token_end(std::string_view text) {
  const bool is_string = text.starts_with('"');
  for (std::size_t i = 1; i < std::min(text.size(), kQuotedMax); ++i) {
    if (is_string && text[i] == '"' && text[i - 1] != '\\') {
      return i + 1;
    }
    if (is_string ? text[i] == '\n' : ends_bare_token(text[i]) || is_punctuation(text[0])) {
      return i;
    }
  }
  return std::min(text.size(), kQuotedMax);
}

/// The token at the start of `text` on one line; what is not printable ASCII is shown as '?'.
std::string printable(std::string_view text) {
  std::string token{text.substr(0, token_end(text))};
  for (char& c : token) {
    c = c >= ' ' && c <= '~' ? c : '?';
  }
  return token.starts_with('"') ? token : fmt::format("'{}'", token);
}

}  // namespace

TokenCursor::TokenCursor(std::string_view text) : text_(text) {
  offset_ = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

void TokenCursor::skip_blanks() {
  while (offset_ < text_.size()) {
    const char c = text_[offset_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++offset_;
    } else if (c == '/' && at(offset_ + 1) == '/') {
      offset_ = std::min(text_.find_first_of("\r\n", offset_), text_.size());
    } else if (c == '/' && at(offset_ + 1) == '*' &&
               text_.find("*/", offset_ + 2) != std::string_view::npos) {
      offset_ = text_.find("*/", offset_ + 2) + 2;
    } else {
      return;
    }
  }
}

std::size_t TokenCursor::find_token(std::size_t limit) {
  punctuation_ = 0;
  for (skip_blanks(); is_punctuation(at(offset_)) && offset_ < limit; skip_blanks()) {
    punctuation_ = text_[offset_++];
  }
  return offset_;
}

void TokenCursor::pass_token() {
  if (at(offset_) == '"') {
    for (++offset_; offset_ < text_.size() && text_[offset_] != '"'; ++offset_) {
      offset_ += text_[offset_] == '\\' ? 1U : 0U;
    }
    ++offset_;
  } else if (at(offset_) == '{' || at(offset_) == '[') {
    ++offset_;
  } else {
    while (!ends_bare_token(at(offset_))) {
      ++offset_;
    }
  }
  offset_ = std::min(offset_, text_.size());
}

bool SourceBuilder::add(Json value) {
  const std::size_t offset = cursor_.find_token();
  cursor_.pass_token();
  std::string pointer;
  place(std::move(value), offset, pointer);
  after_key_ = false;
  return true;
}

bool SourceBuilder::open(Json container) {
  const std::size_t offset = cursor_.find_token();
  cursor_.pass_token();
  if (frames_.size() >= kNestingMax) {
    problems_.push_back({offset, frames_.back().pointer,
                         fmt::format("nesting deeper than {} levels", kNestingMax),
                         "a flatter document"});
    return false;
  }
  std::string pointer;
  Json* const placed = place(std::move(container), offset, pointer);
  frames_.push_back({placed, std::move(pointer), {}, 0, true});
  after_key_ = false;
  return true;
}

bool SourceBuilder::close() {
  frames_.pop_back();
  after_key_ = false;
  return true;
}

bool SourceBuilder::key(string_t& name) {
  Frame& frame = frames_.back();
  frame.key_offset = cursor_.find_token();
  cursor_.pass_token();
  frame.key = std::move(name);
  const std::string pointer = pointer_to(frame.pointer, frame.key);
  frame.key_is_new = offsets_.find(pointer) == offsets_.end();
  if (!frame.key_is_new) {
    problems_.push_back({frame.key_offset, pointer,
                         fmt::format("the key {} a second time", Json(frame.key).dump()),
                         "each key once"});
  }
  after_key_ = true;
  return true;
}

Json* SourceBuilder::place(Json value, std::size_t offset, std::string& pointer) {
  if (frames_.empty()) {
    offsets_[""] = {offset, offset};
    document_ = std::move(value);
    return &document_;
  }
  Frame& frame = frames_.back();
  if (frame.container->is_array()) {
    pointer = pointer_to(frame.pointer, frame.container->size());
    offsets_[pointer] = {offset, offset};
    frame.container->push_back(std::move(value));
    return &frame.container->back();
  }
  pointer = pointer_to(frame.pointer, frame.key);
  if (!frame.key_is_new) {
    return discard(std::move(value), pointer);
  }
  offsets_[pointer] = {frame.key_offset, offset};
  auto& members = frame.container->get_ref<Json::object_t&>();
  // push_back, since emplace would search the whole object for the key again.
  members.push_back({frame.key, std::move(value)});
  return &members.back().second;
}

Json* SourceBuilder::discard(Json value, std::string& pointer) {
  // '~' followed by a letter occurs in no real pointer, so what is inside cannot meet the first
  // value's members.
  pointer += "~again" + std::to_string(discarded_.size());
  discarded_.push_back(std::move(value));
  return &discarded_.back();
}

std::string SourceBuilder::expected_next() const {
  const char passed = cursor_.last_punctuation();
  const bool closed = passed == '}' || passed == ']';
  if (frames_.empty()) {
    return document_.is_null() && !closed && offsets_.empty() ? "a JSON value"
                                                              : "the end of the file";
  }
  const Frame& frame = frames_.back();
  const bool is_object = frame.container->is_object();
  if (passed == ':') {
    return "a value";
  }
  if (after_key_) {
    return "':' after the key";
  }
  if (passed == ',') {
    return is_object ? "a key in quotes" : "a value";
  }
  if (!closed && frame.container->empty() && frame.key_is_new) {
    return is_object ? "a key in quotes or '}'" : "a value or ']'";
  }
  return is_object ? "',' or '}'" : "',' or ']'";
}

bool SourceBuilder::parse_error(std::size_t position, const std::string&,
                                const nlohmann::detail::exception& error) {
  const std::size_t last_byte = position == 0 ? 0 : position - 1;
  const std::size_t offset = cursor_.find_token(std::min(last_byte, text_.size()));
  const std::string_view expected = lexical_expectation(error.what());
  problems_.push_back(
      {offset, frames_.empty() ? std::string{} : frames_.back().pointer,
       offset >= text_.size() ? "the end of the file" : printable(text_.substr(offset)),
       expected.empty() ? expected_next() : std::string{expected}});
  return false;
}

}  // namespace windtunnel::chaos
