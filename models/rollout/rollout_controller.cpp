#include "models/rollout/rollout_controller.hpp"

#include <optional>
#include <utility>

#include "models/rollout/facts.hpp"
#include "models/rollout/rollout_document.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::rollout {

namespace {

/// Whether the two differ in more than what was learned.
bool is_decision(const RolloutState& before, const RolloutState& now) {
  return before.phase != now.phase || before.step != now.step || before.weight != now.weight;
}

}  // namespace

RolloutController::RolloutController(Host& host, const kv::Node& node,
                                     RolloutControllerOptions options)
    : host_(host),
      node_(node),
      options_(std::move(options)),
      client_(host, {.nodes = options_.nodes}),
      configuration_(host, client_) {
  reports_ = host.messages().on<proxy::VersionReport>([this](HostId,
                                                             const proxy::VersionReport& report) {
    if (const auto active = active_.find(rollout_key_of(report.service)); active != active_.end()) {
      active->second.rollout.observe(report);
    }
  });
  spawn(host, run());
}

asio::awaitable<void> RolloutController::run() {
  for (;;) {
    co_await sleep_for(host_, options_.tick);
    if (!node_.is_leader()) {
      active_.clear();
      continue;
    }
    adopt();
    for (auto active = active_.begin(); active != active_.end();) {
      const bool is_ours = co_await drive(active->second);
      active = is_ours ? std::next(active) : active_.erase(active);
    }
  }
}

void RolloutController::adopt() {
  kv::ScanRequest all;
  all.prefix = kRolloutPrefix;
  for (const kv::KeyAndValue& entry : node_.store().scan(all).found) {
    const auto known = active_.find(entry.key);
    if (known != active_.end() && known->second.revision >= entry.revision) {
      continue;
    }
    std::optional<RolloutRecord> record = rollout_of(entry.value);
    if (!record) {
      continue;
    }
    RolloutState saved = record->state;
    const auto adopted = active_.insert_or_assign(
        entry.key, Active{Rollout{std::move(*record), host_.now()}, std::move(saved),
                          entry.revision, host_.now(), false});
    state_fact(adopted.first->second);
  }
}

asio::awaitable<bool> RolloutController::drive(Active& active) {
  if (!active.is_split_written && !co_await write_split(active)) {
    co_return false;
  }
  active.rollout.advance(host_.now());
  const RolloutState& state = active.rollout.state();
  const bool is_decided = is_decision(active.saved, state);
  const bool is_due =
      state.phase == Phase::progressing && host_.now() - active.saved_at >= options_.save_every;
  if (!is_decided && !is_due) {
    co_return true;
  }
  if (!co_await save(active)) {
    co_return false;
  }
  if (is_decided) {
    state_fact(active);
    active.is_split_written = false;
    co_return co_await write_split(active);
  }
  co_return true;
}

asio::awaitable<bool> RolloutController::save(Active& active) {
  RolloutState saved = active.rollout.state();
  kv::ChangeRequest request;
  request.key = rollout_key_of(active.rollout.record().spec.service);
  request.value = rollout_content_of(active.rollout.record());
  request.expected = active.revision;
  const auto result = co_await client_.change(std::move(request));
  if (result.outcome != kv::Outcome::ok || result.response.outcome != kv::ChangeOutcome::done) {
    co_return false;
  }
  active.saved = std::move(saved);
  active.revision = result.response.key_revision;
  active.saved_at = host_.now();
  co_return true;
}

asio::awaitable<bool> RolloutController::write_split(Active& active) {
  RolloutRecord saved = active.rollout.record();
  saved.state = active.saved;
  const proxy::TrafficSplit split = Rollout{std::move(saved), host_.now()}.split();
  SharedBytes content = proxy::split_document_content(split);
  std::string name = proxy::split_document_name(split.service);
  const kv::Version* const record = node_.store().find(rollout_key_of(split.service));
  if (record == nullptr || record->revision != active.revision) {
    co_return false;
  }
  const kv::Version* const present = node_.store().find(config::key_of(name));
  if (present == nullptr || present->value != content.view()) {
    const std::uint64_t expected = present == nullptr ? 0 : present->revision;
    const config::WriteResult result =
        co_await configuration_.write(std::move(name), std::move(content), expected);
    if (result.outcome != config::WriteOutcome::written) {
      co_return false;
    }
  }
  active.is_split_written = true;
  co_return true;
}

void RolloutController::state_fact(const Active& active) {
  const RolloutSpec& spec = active.rollout.record().spec;
  const Tally& canary = active.saved.errors.canary;
  host_.journal().record(RolloutMoved{spec.service, spec.version, active.saved.phase,
                                      active.saved.step, active.saved.weight, active.saved.cause,
                                      canary.attempts, canary.errors});
}

}  // namespace windtunnel::rollout
