#include "models/proxy/quota_desk.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include "models/config/document.hpp"
#include "models/kv/messages.hpp"
#include "models/proxy/policy_documents.hpp"
#include "models/proxy/quota_share.hpp"
#include "runtime/codec.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::proxy {

namespace {

/// Longer than a round of heartbeats; proxies ask again.
constexpr Duration kProofTimeout = std::chrono::milliseconds{500};

limit::QuotaServerOptions server_options_of(const QuotaSettings& settings, raft::Term term) {
  limit::QuotaServerOptions options;
  options.epoch = term.value();
  options.capacity = capacity_of(settings);
  constexpr std::uint32_t kProxiesMax = 1'000'000;
  options.clients_max = kProxiesMax;
  return options;
}

}  // namespace

QuotaDesk::QuotaDesk(Host& host, const kv::Node& node, std::vector<RoutePolicy> bootstrap)
    : host_(host),
      node_(node),
      bootstrap_(std::move(bootstrap)),
      subscription_(host.messages().serve<QuotaAsk>(
          [this](HostId, QuotaAsk& ask, const ReplyTo& reply) { receive(ask, reply); })) {}

void QuotaDesk::receive(QuotaAsk& ask, const ReplyTo& reply) {
  waiting_.push_back({std::move(ask), reply});
  if (!std::exchange(is_proving_, true)) {
    spawn(host_, prove_and_answer());
  }
}

asio::awaitable<void> QuotaDesk::prove_and_answer() {
  while (!waiting_.empty()) {
    std::vector<Waiting> batch;
    batch.swap(waiting_);
    const bool leads = co_await proves_leadership();
    for (const Waiting& waiting : batch) {
      if (leads) {
        answer(waiting);
      } else {
        refuse(waiting);
      }
    }
  }
  is_proving_ = false;
}

asio::awaitable<bool> QuotaDesk::reads() {
  kv::ReadRequest request;  // Which key it is does not matter.
  const auto [error, response] = co_await host_.messages().async_call<kv::ReadResponse>(
      host_.id(), std::move(request), kProofTimeout, asio::as_tuple(asio::deferred));
  co_return !error && response.status == kv::Status::ok;
}

asio::awaitable<bool> QuotaDesk::proves_leadership() {
  const raft::Term term = node_.term();
  if (!node_.is_leader()) {
    co_return false;
  }
  const bool is_read = co_await reads();
  // Leader of the same term before and after: it led in between, and the proof was this term's.
  if (!is_read || !node_.is_leader() || node_.term() != term) {
    co_return false;
  }
  if (term != term_) {
    servers_.clear();
    term_ = term;
  }
  co_return true;
}

void QuotaDesk::answer(const Waiting& waiting) {
  QuotaAnswer answer{host_.id(), {}};
  if (limit::QuotaServer* const server = server_of(waiting.ask.quota)) {
    answer.response = server->step(host_.now(), waiting.ask.request);
  }
  host_.messages().reply(waiting.reply, answer);
}

void QuotaDesk::refuse(const Waiting& waiting) {
  const std::optional<HostId> leader = node_.is_leader() ? std::nullopt : node_.leader();
  host_.messages().reply(waiting.reply, QuotaAnswer{leader, {}});
}

limit::QuotaServer* QuotaDesk::server_of(const std::string& quota) {
  const std::optional<QuotaSettings> settings = settings_of(quota);
  const auto known = servers_.find(quota);
  if (!settings) {
    // What was lent runs out; the server must remember it, should the quota come back.
    return nullptr;
  }
  if (known == servers_.end()) {
    const auto made = servers_.try_emplace(quota, server_options_of(*settings, term_), host_.now());
    return &made.first->second;
  }
  known->second.set_capacity(capacity_of(*settings));
  return &known->second;
}

std::optional<QuotaSettings> QuotaDesk::settings_of(const std::string& quota) const {
  if (const kv::Version* const found = node_.store().find(config::key_of(quota))) {
    const auto policy = decoded<RoutePolicy>(found->value);
    return policy ? policy->quota : std::nullopt;
  }
  const auto found =
      std::find_if(bootstrap_.begin(), bootstrap_.end(),
                   [&](const RoutePolicy& policy) { return document_name_of(policy) == quota; });
  return found == bootstrap_.end() ? std::nullopt : found->quota;
}

}  // namespace windtunnel::proxy
