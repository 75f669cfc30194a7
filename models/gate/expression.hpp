// Conditions on documents: comparisons of what stands at JSON pointers with literals or with each
// other, and `and`, `or`, `not`. Small and total: every text is a condition or an error with its
// place, and every condition has an answer for every document, found in time that grows with the
// product of their sizes at worst.
//
//   condition   any { "or" any }
//   any         one { "and" one }
//   one         "not" one | "(" condition ")" | "exists" path | operand ("=="|"!="|"<"|...) operand
//   operand     path | 'text' | 16Gi | true | false | null
//   path        /limits/memory (of the change) | data:/limits/memory (of the bundle)
//
// A segment "*" of a path stands for any: the comparison holds where it holds for one. A path that
// is not there compares with nothing, so it holds for none. What cannot be put in an order ("big" >
// 8Gi) is unknown, and stays unknown as in Kleene's logic; whoever asks decides for caution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/gate/document.hpp"

namespace windtunnel::gate {

enum class Answer : std::uint8_t { no, yes, unknown };

/// Where a text stops being a condition: `at` counts bytes from zero.
struct ExpressionError {
  std::size_t at = 0;
  std::string expected;
  friend bool operator==(const ExpressionError&, const ExpressionError&) = default;
};

class Expression {
 public:
  [[nodiscard]] static std::variant<Expression, ExpressionError> parse(std::string_view text);

  [[nodiscard]] Answer evaluate(const Document& input, const Document& data) const;

 private:
  friend class ExpressionParser;

  enum class Operation : std::uint8_t {
    both,
    either,
    negation,
    existence,
    equal,
    unequal,
    less,
    at_most,
    more,
    at_least
  };
  enum class Source : std::uint8_t { literal, input, data };
  struct Operand {
    Source source = Source::literal;
    std::vector<std::string> path{};  ///< Unescaped segments.
    Leaf literal{};
  };
  struct Node {
    Operation operation = Operation::existence;
    std::size_t left = 0;  ///< Of conditions: where their parts stand.
    std::size_t right = 0;
    Operand first{};
    Operand second{};
  };

  [[nodiscard]] Answer answer_of(const Node& node, const Document& input,
                                 const Document& data) const;

  std::vector<Node> nodes_;  ///< Parts before what they are parts of; the last is the whole.
};

}  // namespace windtunnel::gate
