#include <array>
#include <span>
#include <string>

#include <fmt/format.h>

#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::array kOrders{Choice<QueueOrder>{"fifo", QueueOrder::fifo},
                             Choice<QueueOrder>{"lifo", QueueOrder::lifo},
                             Choice<QueueOrder>{"codel", QueueOrder::codel},
                             Choice<QueueOrder>{"adaptive_lifo", QueueOrder::adaptive_lifo}};
constexpr std::array kFanOuts{Choice<service::FanOut>{"sequential", service::FanOut::sequential},
                              Choice<service::FanOut>{"parallel", service::FanOut::parallel}};
constexpr std::array kDeadlines{
    Choice<service::Deadlines>{"propagate", service::Deadlines::propagate},
    Choice<service::Deadlines>{"ignore", service::Deadlines::ignore}};
constexpr std::array kWorkers{
    Choice<service::WorkerHold>{"leaves", service::WorkerHold::until_served},
    Choice<service::WorkerHold>{"waits", service::WorkerHold::until_released}};
constexpr std::array kNeeds{Choice<service::Need>{"required", service::Need::required},
                            Choice<service::Need>{"optional", service::Need::optional}};
constexpr std::uint32_t kLevelsMax = 64;

/// A share that the model takes in whole parts of `parts` to the whole.
void read_parts(const Block& block, std::string_view key, std::uint32_t parts,
                std::uint32_t& into) {
  if (!block.has(key)) {
    return;
  }
  const std::int64_t one = kWholeShare.high.billionths / parts;
  const Node node = block.at(key);
  const std::size_t problems_before = node.reading().problems;
  Share share{one * into};
  read_value(node, share);
  if (share.billionths % one != 0 && node.reading().problems == problems_before) {
    node.complain(fmt::format("a share in steps of {}", quantity_text(Share{one})));
    return;
  }
  into = static_cast<std::uint32_t>(share.billionths / one);
}

PlannedCall read_call(const Node& node) {
  PlannedCall call;
  if (!node.json().is_object()) {
    read_value(node, call.to);
    return call;
  }
  const Block block{node, keys::call};
  block.required("to", call.to);
  block.optional("timeout", call.timeout, kPositive);
  block.optional("need", call.need, std::span<const Choice<service::Need>>{kNeeds});
  return call;
}

service::WarmUp read_warm_up(const Node& node) {
  service::WarmUp warm_up;
  const Block block{node, keys::warm_up};
  block.required("lasts", warm_up.lasts, kPositive);
  block.required("slowdown", warm_up.slowdown, Limits<double>{1, 1000});
  return warm_up;
}

service::Pauses read_pauses(const Node& node) {
  service::Pauses pauses;
  const Block block{node, keys::pauses};
  block.required("interval", pauses.interval);
  block.required("length", pauses.length);
  if (mean_of(pauses.interval) == Duration::zero()) {
    block.at("interval").complain("pauses that are some time apart");
  }
  return pauses;
}

service::DagorOptions read_admission(const Node& node) {
  service::DagorOptions admission;
  const Block block{node, keys::admission};
  block.optional("queuing_max", admission.queuing_max, kPositive);
  block.optional("window", admission.window, kPositive);
  block.optional("window_requests", admission.window_requests,
                 Limits<std::uint32_t>{1, 1'000'000'000});
  constexpr std::uint32_t kPercent = 100;
  read_parts(block, "decrease", kPercent, admission.decrease_percent);
  read_parts(block, "increase", kPercent, admission.increase_percent);
  if (admission.decrease_percent >= kPercent) {
    block.at("decrease").complain("less than the whole: a level is lowered, not closed");
  }
  std::uint32_t levels = admission.business_levels;
  block.optional("business_levels", levels, Limits<std::uint32_t>{1, kLevelsMax});
  admission.business_levels = static_cast<std::uint8_t>(levels);
  return admission;
}

void read_calls(const Block& block, PlannedService& service) {
  if (block.has("calls")) {
    for (const Node& call : block.at("calls").elements("an array of services")) {
      service.calls.push_back(read_call(call));
    }
  }
  block.optional("fan_out", service.fan_out, std::span<const Choice<service::FanOut>>{kFanOuts});
  block.optional("deadlines", service.deadlines,
                 std::span<const Choice<service::Deadlines>>{kDeadlines});
  block.optional("worker", service.worker, std::span<const Choice<service::WorkerHold>>{kWorkers});
}

}  // namespace

void read_station(const Block& block, PlannedService& service) {
  block.optional("workers", service.workers, Limits<std::uint32_t>{1, 100'000});
  block.optional("service_time", service.service_time);
  block.optional("queue", service.queue, Limits<std::uint32_t>{0, 10'000'000});
  block.optional("order", service.order, std::span<const Choice<QueueOrder>>{kOrders});
  block.optional("drops_expired", service.drops_expired);
  read_calls(block, service);
  block.optional("priorities", service.priorities, Limits<std::uint32_t>{1, kLevelsMax});
  block.optional("errors", service.errors);
  read_parts(block, "speed", service::kFullSpeed, service.speed);
  if (service.speed == 0) {
    block.at("speed").complain("more than nothing: a stopped service is a pause");
  }
  if (block.has("warm_up")) {
    service.warm_up = read_warm_up(block.at("warm_up"));
  }
  if (block.has("pauses")) {
    service.pauses = read_pauses(block.at("pauses"));
  }
  if (block.has("admission")) {
    service.admission = read_admission(block.at("admission"));
  }
  block.optional("pushback", service.pushback, kPositive);
}

}  // namespace windtunnel::chaos
