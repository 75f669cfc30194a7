#include "models/gate/bundle.hpp"

#include <utility>

#include "runtime/codec.hpp"

namespace windtunnel::gate {

SharedBytes bundle_content_of(const Bundle& bundle) {
  return SharedBytes{encoded(bundle)};
}

BundleHolder::Verdict BundleHolder::offer(Instant now, std::uint64_t revision,
                                          std::string_view content) {
  if (revision <= revision_ || revision <= refused_) {
    // One that was refused is not the one that it goes by: that one only grows older.
    confirmed_at_ = revision == revision_ ? now : confirmed_at_;
    return Verdict::known;
  }
  const auto refuse = [&](std::string why) {
    why_not_ = std::move(why);
    refused_ = revision;
    return Verdict::refused;
  };
  std::optional<Bundle> bundle = decoded<Bundle>(content);
  if (!bundle) {
    return refuse("it does not decode as a bundle");
  }
  std::vector<Compiled> rules;
  for (const Rule& rule : bundle->rules) {
    auto parsed = Expression::parse(rule.when);
    if (const auto* const error = std::get_if<ExpressionError>(&parsed)) {
      return refuse("the rule \"" + rule.deny + "\" wants " + error->expected + " at character " +
                    std::to_string(error->at + 1));
    }
    rules.push_back({rule.deny, std::get<Expression>(std::move(parsed))});
  }
  rules_ = std::move(rules);
  data_ = std::move(bundle->data);
  revision_ = revision;
  confirmed_at_ = now;
  return Verdict::activated;
}

Decision BundleHolder::decide(Instant now, const Document& input) const {
  if (revision_ == 0) {
    return {without_ == WithoutBundle::open, "there is no bundle yet", 0, Duration::zero()};
  }
  Decision decision{true, "", revision_, now - confirmed_at_};
  for (const Compiled& rule : rules_) {
    const Answer answer = rule.when.evaluate(input, data_);
    if (answer != Answer::no) {
      decision.is_allowed = false;
      decision.reason = rule.deny + (answer == Answer::unknown ? " (which cannot be told)" : "");
      return decision;
    }
  }
  return decision;
}

}  // namespace windtunnel::gate
