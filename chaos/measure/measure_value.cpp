#include "chaos/measure/measure_value.hpp"

namespace windtunnel::chaos {

std::string why_absent(const MeasureValue& value) {
  struct Visitor {
    std::string operator()(const Amount&) const { return {}; }
    std::string operator()(const Censored& absent) const { return absent.why; }
    std::string operator()(const NoEvidence& absent) const { return absent.why; }
    std::string operator()(const NotApplicable& absent) const { return absent.why; }
  };
  return std::visit(Visitor{}, value.what);
}

std::string to_text(const MeasureValue& value) {
  struct Visitor {
    std::string operator()(const Amount& amount) const { return amount_text(amount); }
    std::string operator()(const Censored&) const { return "∞"; }
    std::string operator()(const NoEvidence& absent) const {
      return absent.at_least ? "≥ " + amount_text(*absent.at_least) + ", unknown" : "unknown";
    }
    std::string operator()(const NotApplicable&) const { return "—"; }
  };
  return std::visit(Visitor{}, value.what);
}

}  // namespace windtunnel::chaos
