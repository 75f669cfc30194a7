#include "chaos/judge/expectation.hpp"

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

template <typename Value, typename ValueOf>
bool keeps_bound(const Bound& bound, const Value& observed, ValueOf value_of) {
  struct Visitor {
    const Value& observed;
    ValueOf value_of;
    bool operator()(const AtMost& b) const { return observed <= value_of(b.limit); }
    bool operator()(const AtLeast& b) const { return observed >= value_of(b.limit); }
    bool operator()(const Equals& b) const { return observed == value_of(b.value); }
    bool operator()(const Within& b) const {
      return observed >= value_of(b.low) && observed <= value_of(b.high);
    }
  };
  return std::visit(Visitor{observed, value_of}, bound);
}

const Amount& any_limit(const Bound& bound) {
  struct Visitor {
    const Amount& operator()(const AtMost& b) const { return b.limit; }
    const Amount& operator()(const AtLeast& b) const { return b.limit; }
    const Amount& operator()(const Equals& b) const { return b.value; }
    const Amount& operator()(const Within& b) const { return b.low; }
  };
  return std::visit(Visitor{}, bound);
}

template <typename TextOf>
std::string bound_text(const Bound& bound, TextOf text_of) {
  struct Visitor {
    TextOf text_of;
    std::string operator()(const AtMost& b) const { return "≤ " + text_of(b.limit); }
    std::string operator()(const AtLeast& b) const { return "≥ " + text_of(b.limit); }
    std::string operator()(const Equals& b) const { return "= " + text_of(b.value); }
    std::string operator()(const Within& b) const {
      return text_of(b.low) + " … " + text_of(b.high);
    }
  };
  return std::visit(Visitor{text_of}, bound);
}

}  // namespace

std::string_view to_string(ExpectationKind kind) {
  switch (kind) {
    case ExpectationKind::invariant:
      return "invariant";
    case ExpectationKind::gate:
      return "gate";
    case ExpectationKind::objective:
      return "objective";
  }
  check(false, "an expectation kind outside its enumeration");
  return {};
}

std::string_view to_string(SeedStatistic statistic) {
  switch (statistic) {
    case SeedStatistic::min:
      return "min";
    case SeedStatistic::mean:
      return "mean";
    case SeedStatistic::p50:
      return "p50";
    case SeedStatistic::p95:
      return "p95";
    case SeedStatistic::p99:
      return "p99";
    case SeedStatistic::max:
      return "max";
  }
  check(false, "a statistic outside its enumeration");
  return {};
}

std::string to_text(const Bound& bound) {
  return bound_text(bound, [](const Amount& amount) { return amount_text(amount); });
}

std::string exact_text(const Bound& bound) {
  return bound_text(bound, [](const Amount& amount) { return exact_text(amount); });
}

bool keeps(const Bound& bound, const Amount& observed) {
  check(unit_of(observed) == unit_of(any_limit(bound)), "a bound has the unit of its measure");
  return keeps_bound(bound, observed, [](const Amount& q) -> const Amount& { return q; });
}

bool keeps(const Bound& bound, double observed) {
  return keeps_bound(bound, observed, [](const Amount& q) { return number_of(q); });
}

}  // namespace windtunnel::chaos
