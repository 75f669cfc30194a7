// How reports for a terminal are drawn: ink, aligned tables and bars. Everything is UTF-8 and every
// glyph one column wide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chaos/judge/verdict.hpp"

namespace windtunnel::chaos {

struct Style {
  bool colour = false;  ///< ANSI escapes; off, the text is the same without them.
  int width = 100;      ///< Columns of the terminal; bars shrink to it, text is never cut.
};

enum class Ink : std::uint8_t { plain, bold, dim, red, green, yellow };

[[nodiscard]] std::string paint(std::string_view text, Ink ink, const Style& style);

/// Green, yellow, red; `error` is red as well.
[[nodiscard]] Ink ink_of(Verdict verdict);

/// One column: "✓" pass, "?" inconclusive, "✗" fail, "!" error.
[[nodiscard]] std::string_view mark_of(Verdict verdict);

/// Columns that a terminal shows for UTF-8 text without escapes.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// `share` of `columns`, in eighths of a column; anything above zero shows at least an eighth.
[[nodiscard]] std::string bar(double share, int columns);

enum class Align : std::uint8_t { left, right };

/// Rows of cells, drawn with two spaces between the columns and no space at the end of a line.
class TextTable {
 public:
  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}

  /// Missing cells are empty.
  void add(std::vector<std::string> cells);

  [[nodiscard]] std::string text(std::string_view indent) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace windtunnel::chaos
