#include "models/config/steps.hpp"

#include <array>
#include <utility>

namespace windtunnel::config {

std::vector<Update> steps_of(const Update& update, const Interest& referred_to) {
  const Update nothing{update.from, update.to, {}, {}};
  std::array<Update, 3> in_order{nothing, nothing, nothing};
  auto& [made, changed, broken] = in_order;
  for (const Document& document : update.written) {
    (referred_to.wants(document.name) ? made : changed).written.push_back(document);
  }
  for (const std::string& name : update.removed) {
    (referred_to.wants(name) ? broken : changed).removed.push_back(name);
  }
  std::vector<Update> steps;
  for (Update& step : in_order) {
    if (!step.written.empty() || !step.removed.empty()) {
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

}  // namespace windtunnel::config
