#include "chaos/judge/expectation_evaluation.hpp"

#include <limits>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

struct Ruling {
  Verdict verdict = Verdict::pass;
  std::string explanation;
};

Ruling missed(const std::string& observed, const Bound& bound, const std::string& why) {
  return {.verdict = Verdict::fail,
          .explanation =
              observed + " instead of " + exact_text(bound) + (why.empty() ? "" : ": " + why)};
}

Ruling without_evidence(const Expectation& expectation, const std::string& why) {
  const Verdict verdict = expectation.on_empty.value_or(Verdict::inconclusive);
  std::string note;
  if (expectation.on_empty) {
    note = ", and on_empty says " + std::string{to_string(verdict)};
  }
  return {.verdict = verdict, .explanation = "no evidence: " + why + note};
}

/// True where no value from `least` upwards keeps the bound.
bool breaks_already(const Bound& bound, const Amount& least) {
  struct Visitor {
    const Amount& least;
    bool operator()(const AtMost& b) const { return least > b.limit; }
    bool operator()(const AtLeast&) const { return false; }
    bool operator()(const Equals& b) const { return least > b.value; }
    bool operator()(const Within& b) const { return least > b.high; }
  };
  return std::visit(Visitor{least}, bound);
}

Ruling rule(const Expectation& expectation, const MeasureValue& observed) {
  struct Visitor {
    const Expectation& expectation;

    Ruling operator()(const Amount& amount) const {
      const Bound& bound = *expectation.bound;
      return keeps(bound, amount) ? Ruling{} : missed(exact_text(amount), bound, {});
    }
    Ruling operator()(const Censored& absent) const {
      const Bound& bound = *expectation.bound;
      if (keeps(bound, std::numeric_limits<double>::infinity())) {
        return {.verdict = Verdict::pass, .explanation = absent.why};
      }
      return missed("∞", bound, absent.why);
    }
    Ruling operator()(const NoEvidence& absent) const {
      if (absent.at_least && breaks_already(*expectation.bound, *absent.at_least)) {
        return missed("at least " + exact_text(*absent.at_least), *expectation.bound, absent.why);
      }
      return without_evidence(expectation, absent.why);
    }
    Ruling operator()(const NotApplicable& absent) const {
      return without_evidence(expectation, absent.why);
    }
  };
  return std::visit(Visitor{expectation}, observed.what);
}

}  // namespace

std::string Evaluation::bound_text() const {
  return expectation.bound ? to_text(*expectation.bound) : "never";
}

Evaluation evaluated(Evaluation evaluation) {
  check(evaluation.expectation.bound.has_value(), "only an invariant has no bound");
  Ruling ruling = rule(evaluation.expectation, evaluation.observed);
  if (evaluation.expectation.kind == ExpectationKind::gate && ruling.verdict == Verdict::fail) {
    ruling.verdict = Verdict::inconclusive;
    ruling.explanation = "the gate was not met: " + ruling.explanation;
  }
  evaluation.verdict = ruling.verdict;
  evaluation.explanation = std::move(ruling.explanation);
  return evaluation;
}

}  // namespace windtunnel::chaos
