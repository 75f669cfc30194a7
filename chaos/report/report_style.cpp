#include "chaos/report/report_style.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::string_view ansi_of(Ink ink) {
  constexpr std::array<std::string_view, 6> codes{"0", "1", "2", "31", "32", "33"};
  return codes.at(static_cast<std::size_t>(ink));
}

void pad_to(std::string& line, std::size_t columns) {
  line.append(columns - std::min(columns, columns_of(line)), ' ');
}

}  // namespace

std::string paint(std::string_view text, Ink ink, const Style& style) {
  if (!style.colour || ink == Ink::plain) {
    return std::string{text};
  }
  std::string painted = "\x1b[";
  painted.append(ansi_of(ink)).append("m").append(text).append("\x1b[0m");
  return painted;
}

Ink ink_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return Ink::green;
    case Verdict::inconclusive:
      return Ink::yellow;
    case Verdict::fail:
    case Verdict::error:
      return Ink::red;
  }
  return Ink::plain;
}

std::string_view mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "✓";
    case Verdict::inconclusive:
      return "?";
    case Verdict::fail:
      return "✗";
    case Verdict::error:
      return "!";
  }
  return "!";
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  bool in_escape = false;
  for (const char byte : text) {
    if (in_escape) {
      in_escape = byte != 'm';
    } else if (byte == '\x1b') {
      in_escape = true;
    } else {
      const bool continues_a_character = (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
      columns += continues_a_character ? 0U : 1U;
    }
  }
  return columns;
}

std::string bar(double share, int columns) {
  constexpr std::array<std::string_view, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double whole = std::clamp(share, 0.0, 1.0) * columns * 8;
  auto count = static_cast<std::size_t>(std::lround(whole));
  if (count == 0 && share > 0) {
    count = 1;
  }
  std::string text;
  for (std::size_t i = 0; i < count / 8; ++i) {
    text += "█";
  }
  text += eighths.at(count % 8);
  return text;
}

void TextTable::add(std::vector<std::string> cells) {
  check(cells.size() <= columns_.size(), "a row has at most as many cells as the table columns");
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::text(std::string_view indent) const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line{indent};
    std::size_t column = columns_of(indent);
    for (std::size_t i = 0; i < row.size(); ++i) {
      pad_to(line, columns_[i] == Align::right ? column + widths[i] - columns_of(row[i]) : column);
      line += row[i];
      column += widths[i] + 2;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace windtunnel::chaos
