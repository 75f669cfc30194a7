#include "live/json_line.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace windtunnel::live {

namespace {

/// Length of the UTF-8 sequence at the start of `text`; 0 where there is none (Unicode 15, table
/// 3-7).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xc2 && first <= 0xdf && continues(1)) {
    return 2;
  }
  const bool second_fits = continues(1) && !(first == 0xe0 && byte(1) < 0xa0) &&
                           !(first == 0xed && byte(1) > 0x9f) &&
                           !(first == 0xf0 && byte(1) < 0x90) && !(first == 0xf4 && byte(1) > 0x8f);
  if (first >= 0xe0 && first <= 0xef && second_fits && continues(2)) {
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4 && second_fits && continues(2) && continues(3)) {
    return 4;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

void append_escape(std::string& out, std::uint8_t byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u00";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  const bool utf8 = is_utf8(text);
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || (byte >= 0x80 && !utf8)) {
      append_escape(out, byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void JsonFields::begin(std::string_view name) {
  if (!is_first_) {
    out_ += ',';
  }
  is_first_ = false;
  append_json_string(out_, name);
  out_ += ':';
}

void JsonFields::field(std::string_view name, std::int64_t value) {
  begin(name);
  out_ += std::to_string(value);
}

void JsonFields::field(std::string_view name, std::uint64_t value) {
  begin(name);
  out_ += std::to_string(value);
}

void JsonFields::field(std::string_view name, double value) {
  begin(name);
  if (!std::isfinite(value)) {
    out_ += "null";
    return;
  }
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  out_.append(text.data(), written.ptr);
}

void JsonFields::field(std::string_view name, bool value) {
  begin(name);
  out_ += value ? "true" : "false";
}

void JsonFields::field(std::string_view name, std::string_view value) {
  begin(name);
  append_json_string(out_, value);
}

}  // namespace windtunnel::live
