#include "models/gate/expression.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "models/gate/quantity.hpp"

namespace windtunnel::gate {

namespace {

constexpr std::size_t kDepthMax = 32;
constexpr std::string_view kDataPrefix = "data:";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

/// A pointer's segments with "~1" and "~0" undone.
std::vector<std::string> segments_of(std::string_view pointer) {
  std::vector<std::string> segments;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      segments.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size()) {
      segments.back() += pointer[++i] == '1' ? '/' : '~';
    } else {
      segments.back() += pointer[i];
    }
  }
  return segments;
}

bool matches(const std::vector<std::string>& path, const std::string& pointer) {
  const std::vector<std::string> segments = segments_of(pointer);
  return std::equal(path.begin(), path.end(), segments.begin(), segments.end(),
                    [](const std::string& wanted, const std::string& found) {
                      return wanted == "*" || wanted == found;
                    });
}

/// Whether the leaf stands at the path or below it.
bool is_within(const std::vector<std::string>& path, const std::string& pointer) {
  std::vector<std::string> segments = segments_of(pointer);
  segments.resize(std::min(segments.size(), path.size()));
  return segments.size() == path.size() &&
         std::equal(path.begin(), path.end(), segments.begin(),
                    [](const std::string& wanted, const std::string& found) {
                      return wanted == "*" || wanted == found;
                    });
}

Answer answer_of(bool holds) {
  return holds ? Answer::yes : Answer::no;
}

Answer negated(Answer answer) {
  return answer == Answer::unknown ? answer : answer_of(answer == Answer::no);
}

Answer either_of(Answer a, Answer b) {
  if (a == Answer::yes || b == Answer::yes) {
    return Answer::yes;
  }
  return a == Answer::unknown || b == Answer::unknown ? Answer::unknown : Answer::no;
}

Answer both_of(Answer a, Answer b) {
  return negated(either_of(negated(a), negated(b)));
}

bool may_be_quantity(const Leaf& leaf) {
  return leaf.kind == LeafKind::text || leaf.kind == LeafKind::number;
}

std::optional<std::strong_ordering> order_of(const Leaf& left, const Leaf& right) {
  return may_be_quantity(left) && may_be_quantity(right) ? compare_quantities(left.text, right.text)
                                                         : std::nullopt;
}

bool are_equal(const Leaf& left, const Leaf& right) {
  const std::optional<std::strong_ordering> order = order_of(left, right);
  return order ? *order == std::strong_ordering::equal
               : left.kind == right.kind && left.text == right.text;
}

}  // namespace

/// Descends by one function for each line of the grammar.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  std::variant<Expression, ExpressionError> parse() {
    read_condition(0);
    skip_spaces();
    if (!error_ && at_ < text_.size()) {
      fail("\"and\", \"or\" or the end");
    }
    if (error_) {
      return *error_;
    }
    return std::move(result_);
  }

 private:
  using Node = Expression::Node;
  using Operand = Expression::Operand;
  using Operation = Expression::Operation;

  std::size_t add(Node node) {
    result_.nodes_.push_back(std::move(node));
    return result_.nodes_.size() - 1;
  }
  std::size_t add(Operation operation, std::size_t left, std::size_t right) {
    Node node;
    node.operation = operation;
    node.left = left;
    node.right = right;
    return add(std::move(node));
  }

  void fail(std::string expected) {
    if (!error_) {
      error_ = ExpressionError{at_, std::move(expected)};
    }
  }

  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) {
      ++at_;
    }
  }

  [[nodiscard]] bool is_word_end(std::size_t at) const {
    return at >= text_.size() || is_space(text_[at]) || text_[at] == '(' || text_[at] == ')' ||
           text_[at] == '<' || text_[at] == '>' || text_[at] == '=' || text_[at] == '!';
  }

  bool take_word(std::string_view word) {
    skip_spaces();
    if (!text_.substr(at_).starts_with(word) || !is_word_end(at_ + word.size())) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  bool take(std::string_view sign) {
    skip_spaces();
    if (!text_.substr(at_).starts_with(sign)) {
      return false;
    }
    at_ += sign.size();
    return true;
  }

  std::size_t read_condition(std::size_t depth) {
    return read_joined("or", Operation::either, [&] {
      return read_joined("and", Operation::both, [&] { return read_one(depth); });
    });
  }

  template <typename ReadPart>
  std::size_t read_joined(std::string_view word, Operation operation, ReadPart read_part) {
    std::size_t left = read_part();
    while (!error_ && take_word(word)) {
      const std::size_t right = read_part();
      left = add(operation, left, right);
    }
    return left;
  }

  std::size_t read_one(std::size_t depth) {
    if (depth == kDepthMax) {
      fail("at most 32 conditions within each other");
    }
    if (error_) {
      return 0;
    }
    if (take_word("not")) {
      const std::size_t part = read_one(depth + 1);
      return add(Operation::negation, part, 0);
    }
    if (take("(")) {
      const std::size_t part = read_condition(depth + 1);
      if (!error_ && !take(")")) {
        fail("\"and\", \"or\" or \")\"");
      }
      return part;
    }
    Node node;
    if (take_word("exists")) {
      node.first = read_operand();
      if (!error_ && node.first.source == Expression::Source::literal) {
        fail("a path such as /limits/memory before this");
      }
      return add(std::move(node));
    }
    node.first = read_operand();
    node.operation = read_comparison();
    node.second = read_operand();
    return add(std::move(node));
  }

  Operation read_comparison() {
    constexpr std::array<std::pair<std::string_view, Operation>, 6> kSigns{
        {{"==", Operation::equal},
         {"!=", Operation::unequal},
         {"<=", Operation::at_most},
         {">=", Operation::at_least},
         {"<", Operation::less},
         {">", Operation::more}}};
    for (const auto& [sign, operation] : kSigns) {
      if (!error_ && take(sign)) {
        return operation;
      }
    }
    fail("one of ==, !=, <, <=, >, >=");
    return Operation::equal;
  }

  Operand read_operand() {
    Operand operand;
    skip_spaces();
    if (error_) {
      return operand;
    }
    const std::size_t began = at_;
    if (take("'")) {
      const std::size_t end = text_.find('\'', at_);
      if (end == std::string_view::npos) {
        fail("a ' at the end of the text");
        return operand;
      }
      operand.literal = {"", LeafKind::text, std::string{text_.substr(at_, end - at_)}};
      at_ = end + 1;
      return operand;
    }
    while (!is_word_end(at_)) {
      ++at_;
    }
    const std::string_view word = text_.substr(began, at_ - began);
    if (!understand(word, operand)) {
      at_ = began;
      fail("a path such as /limits/memory, a 'text', a quantity such as 8Gi, true, false or null");
    }
    return operand;
  }

  static bool understand(std::string_view word, Operand& operand) {
    const bool is_data = word.starts_with(kDataPrefix);
    const std::string_view path = is_data ? word.substr(kDataPrefix.size()) : word;
    if (path.starts_with('/')) {
      operand.source = is_data ? Expression::Source::data : Expression::Source::input;
      operand.path = segments_of(path);
      return true;
    }
    if (word == "true" || word == "false") {
      operand.literal = {"", LeafKind::truth, std::string{word}};
    } else if (word == "null") {
      operand.literal = {"", LeafKind::nothing, ""};
    } else {
      operand.literal = {"", LeafKind::number, std::string{word}};
      return is_quantity(word);
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Expression result_;
  std::optional<ExpressionError> error_;
};

std::variant<Expression, ExpressionError> Expression::parse(std::string_view text) {
  return ExpressionParser{text}.parse();
}

Answer Expression::evaluate(const Document& input, const Document& data) const {
  std::vector<Answer> answers;
  answers.reserve(nodes_.size());
  for (const Node& node : nodes_) {
    switch (node.operation) {
      case Operation::both:
        answers.push_back(both_of(answers[node.left], answers[node.right]));
        break;
      case Operation::either:
        answers.push_back(either_of(answers[node.left], answers[node.right]));
        break;
      case Operation::negation:
        answers.push_back(negated(answers[node.left]));
        break;
      default:
        answers.push_back(answer_of(node, input, data));
    }
  }
  return answers.back();
}

Answer Expression::answer_of(const Node& node, const Document& input, const Document& data) const {
  const auto document_of = [&](const Operand& operand) -> const Document& {
    return operand.source == Source::data ? data : input;
  };
  if (node.operation == Operation::existence) {
    const Document& document = document_of(node.first);
    return gate::answer_of(std::any_of(document.begin(), document.end(), [&](const Leaf& leaf) {
      return is_within(node.first.path, leaf.pointer);
    }));
  }
  const auto values_of = [&](const Operand& operand) {
    std::vector<const Leaf*> values;
    if (operand.source == Source::literal) {
      values.push_back(&operand.literal);
      return values;
    }
    for (const Leaf& leaf : document_of(operand)) {
      if (matches(operand.path, leaf.pointer)) {
        values.push_back(&leaf);
      }
    }
    return values;
  };
  const auto compare = [&](const Leaf& left, const Leaf& right) {
    if (node.operation == Operation::equal || node.operation == Operation::unequal) {
      return gate::answer_of(are_equal(left, right) == (node.operation == Operation::equal));
    }
    const std::optional<std::strong_ordering> order = order_of(left, right);
    if (!order) {
      return Answer::unknown;
    }
    const bool is_less = *order == std::strong_ordering::less;
    const bool is_more = *order == std::strong_ordering::greater;
    switch (node.operation) {
      case Operation::less:
        return gate::answer_of(is_less);
      case Operation::at_most:
        return gate::answer_of(!is_more);
      case Operation::more:
        return gate::answer_of(is_more);
      default:
        return gate::answer_of(!is_less);
    }
  };
  Answer answer = Answer::no;
  for (const Leaf* const left : values_of(node.first)) {
    for (const Leaf* const right : values_of(node.second)) {
      answer = either_of(answer, compare(*left, *right));
    }
  }
  return answer;
}

}  // namespace windtunnel::gate
