#include "models/gate/expression.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::gate {
namespace {

Leaf text(std::string pointer, std::string value) {
  return {std::move(pointer), LeafKind::text, std::move(value)};
}

const Document kPod{text("/limits/memory", "16Gi"),
                    {"/replicas", LeafKind::number, "3"},
                    {"/privileged", LeafKind::truth, "false"},
                    {"/owner", LeafKind::nothing, ""},
                    text("/policies/*→shop/timeout", "250ms"),
                    text("/policies/a~1b→shop/timeout", "30s"),
                    text("/size", "big")};
const Document kData{text("/memory", "8Gi"), text("/sizes/0", "small"), text("/sizes/1", "big")};

Answer answer(const std::string& condition) {
  const auto parsed = Expression::parse(condition);
  const auto* const expression = std::get_if<Expression>(&parsed);
  EXPECT_NE(expression, nullptr) << condition << ": " << std::get<ExpressionError>(parsed).expected;
  return expression == nullptr ? Answer::unknown : expression->evaluate(kPod, kData);
}

TEST(Expression, AnswersByTheDocument) {
  for (const char* holds :
       {"/limits/memory > 8Gi", "/limits/memory > data:/memory", "8Gi < /limits/memory",
        "/replicas == 3", "/replicas >= 3 and /replicas <= 3000m", "/privileged == false",
        "/owner == null", "exists /limits", "not exists /limits/cpu", "/size == 'big'",
        "/size != 'small'", "/policies/*/timeout > 5s", "/policies/*/timeout < 5s",
        "/policies/a~1b→shop/timeout == 30s", "/size == data:/sizes/*",
        "not (/replicas > 5 or /privileged == true)", "not (/replicas>5)",
        "/replicas > 5 and /replicas > 1 or /replicas == 3"}) {
    EXPECT_EQ(answer(holds), Answer::yes) << holds;
  }
  for (const char* does_not : {"/limits/memory <= 8Gi", "/limits/cpu > 1", "/limits/cpu <= 1",
                               "/limits == 1", "/policies/*/timeout > 1h", "/privileged == 'false'",
                               "/replicas == '4'", "exists /limit", "/owner == 0"}) {
    EXPECT_EQ(answer(does_not), Answer::no) << does_not;
  }
}

TEST(Expression, DoesNotKnowWhatHasNoOrder) {
  EXPECT_EQ(answer("/size > 8Gi"), Answer::unknown);
  EXPECT_EQ(answer("not /size > 8Gi"), Answer::unknown);
  EXPECT_EQ(answer("/replicas > 5s"), Answer::unknown);
  EXPECT_EQ(answer("/privileged > 1"), Answer::unknown);
  EXPECT_EQ(answer("/size > 8Gi or /replicas == 3"), Answer::yes);
  EXPECT_EQ(answer("/size > 8Gi and /replicas == 4"), Answer::no);
}

TEST(Expression, SaysWhereATextStopsBeingACondition) {
  const auto error_in = [](const std::string& condition) {
    const auto parsed = Expression::parse(condition);
    const auto* const error = std::get_if<ExpressionError>(&parsed);
    return error == nullptr ? std::optional<std::size_t>{} : std::optional{error->at};
  };
  EXPECT_EQ(error_in(""), 0U);
  EXPECT_EQ(error_in("/a"), 2U);
  EXPECT_EQ(error_in("/a == "), 6U);
  EXPECT_EQ(error_in("/a == 8GB"), 6U);
  EXPECT_EQ(error_in("/a == 1 or"), 10U);
  EXPECT_EQ(error_in("(/a == 1"), 8U);
  EXPECT_EQ(error_in("/a == 1)"), 7U);
  EXPECT_EQ(error_in("/a == 1 /b == 2"), 8U);
  EXPECT_FALSE(error_in(std::string(31, '(') + "/a == 1" + std::string(31, ')')));
  EXPECT_TRUE(error_in(std::string(40, '(') + "/a == 1" + std::string(40, ')')));
}

TEST(Expression, EndsForAnyText) {
  RandomStream random{2, "texts"};
  const std::string kPieces[] = {"/a", "and", "or",     "not", "(",       ")",    "==", "<",
                                 "'",  "8Gi", "exists", " ",   "data:/b", "null", "~",  "5"};
  int conditions = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string any;
    for (std::uint64_t length = random.below(12); length > 0; --length) {
      any += kPieces[random.below(std::size(kPieces))] + (random.below(2) == 0 ? " " : "");
    }
    const auto parsed = Expression::parse(any);
    if (const auto* const expression = std::get_if<Expression>(&parsed)) {
      ++conditions;
      static_cast<void>(expression->evaluate(kPod, kData));
    } else {
      EXPECT_LE(std::get<ExpressionError>(parsed).at, any.size());
    }
  }
  EXPECT_GT(conditions, 20);
}

/// A condition as a tree, written and judged without the parser: an independent reference.
struct Made {
  std::string text;
  Answer answer;
};

Made make(RandomStream& random, int depth) {
  // Kleene's tables, entry by entry: no, yes, unknown.
  constexpr Answer kNo = Answer::no;
  constexpr Answer kYes = Answer::yes;
  constexpr Answer kUnknown = Answer::unknown;
  constexpr Answer kAnd[3][3] = {{kNo, kNo, kNo}, {kNo, kYes, kUnknown}, {kNo, kUnknown, kUnknown}};
  constexpr Answer kOr[3][3] = {
      {kNo, kYes, kUnknown}, {kYes, kYes, kYes}, {kUnknown, kYes, kUnknown}};
  constexpr Answer kNot[3] = {kYes, kNo, kUnknown};
  const auto index = [](Answer a) { return static_cast<std::size_t>(a); };
  if (depth == 0 || random.below(4) == 0) {
    const Made leaves[] = {
        {"/replicas == 3", kYes}, {"/replicas < 3", kNo},           {"/size > 8Gi", kUnknown},
        {"exists /limits", kYes}, {"/limits/cpu > 1", kNo},         {"/limits/memory>8Gi", kYes},
        {"/size=='big'", kYes},   {"/size != data:/sizes/*", kYes}, {"/privileged <= 1", kUnknown}};
    return leaves[random.below(std::size(leaves))];
  }
  const Made left = make(random, depth - 1);
  if (random.below(3) == 0) {
    return {"not (" + left.text + ")", kNot[index(left.answer)]};
  }
  const Made right = make(random, depth - 1);
  if (random.below(2) == 0) {
    return {"(" + left.text + ") and (" + right.text + ")",
            kAnd[index(left.answer)][index(right.answer)]};
  }
  return {"(" + left.text + ") or (" + right.text + ")",
          kOr[index(left.answer)][index(right.answer)]};
}

TEST(Expression, AgreesWithATableOfTruth) {
  RandomStream random{3, "conditions"};
  int answers[3] = {};
  for (int i = 0; i < 5000; ++i) {
    const Made made = make(random, 5);
    EXPECT_EQ(answer(made.text), made.answer) << made.text;
    ++answers[static_cast<std::size_t>(made.answer)];
  }
  for (const int count : answers) {
    EXPECT_GT(count, 500);
  }
}

TEST(Expression, BindsNotBeforeAndBeforeOr) {
  // All eight rows: a or b and not c.
  for (unsigned row = 0; row < 8; ++row) {
    const auto term = [&](unsigned bit) {
      return std::string{(row >> bit & 1U) != 0 ? "/replicas == 3" : "/replicas == 4"};
    };
    const bool a = (row & 1U) != 0;
    const bool b = (row & 2U) != 0;
    const bool c = (row & 4U) != 0;
    const std::string condition = term(0) + " or " + term(1) + " and not " + term(2);
    EXPECT_EQ(answer(condition), a || (b && !c) ? Answer::yes : Answer::no) << condition;
  }
}

}  // namespace
}  // namespace windtunnel::gate
