#include "models/proxy/quota_keeper.hpp"

#include <algorithm>
#include <utility>

#include "models/proxy/facts.hpp"
#include "models/proxy/policy_documents.hpp"

namespace windtunnel::proxy {

namespace {

/// Less than the share's own interval between unanswered requests.
constexpr Duration kPatience = std::chrono::milliseconds{800};

}  // namespace

QuotaKeeper::QuotaKeeper(Host& host, Route& route, std::string callee, std::vector<HostId> nodes)
    : host_(host),
      route_(route),
      callee_(std::move(callee)),
      nodes_(std::move(nodes)),
      timer_(host, [this] { run(); }) {
  check(!nodes_.empty(), "a keeper knows whom to ask");
  // Not all proxies begin with the same node.
  node_ = host.id().value() % nodes_.size();
}

void QuotaKeeper::run() {
  QuotaShare* const share = route_.quota();
  if (share == nullptr) {
    timer_.cancel();
    return;
  }
  const auto request = share->poll(host_.now());
  state_facts(*share);
  timer_.expires_at(share->next_deadline());
  if (request) {
    send(QuotaAsk{document_name_of(route_.policy()), *request}, Hint::followed);
  }
}

void QuotaKeeper::send(const QuotaAsk& ask, Hint hint) {
  host_.messages().async_call<QuotaAnswer>(
      nodes_[node_], ask, kPatience,
      [this, ask, hint](error_code error, const QuotaAnswer& answer) {
        hear(ask, hint, error, answer);
      });
}

void QuotaKeeper::hear(const QuotaAsk& ask, Hint hint, const error_code& error,
                       const QuotaAnswer& answer) {
  QuotaShare* const share = route_.quota();
  if (share == nullptr) {
    return;
  }
  if (!error && answer.response) {
    share->step(host_.now(), *answer.response);
    run();
    return;
  }
  const auto named = !error && answer.leader
                         ? std::find(nodes_.begin(), nodes_.end(), *answer.leader)
                         : nodes_.end();
  if (named == nodes_.end()) {
    node_ = (node_ + 1) % nodes_.size();
    return;
  }
  node_ = static_cast<std::size_t>(named - nodes_.begin());
  if (hint == Hint::followed) {
    send(ask, Hint::ignored);
  }
}

void QuotaKeeper::state_facts(const QuotaShare& share) {
  const bool has_lease = share.has_lease(host_.now());
  if (has_lease == std::exchange(has_lease_, has_lease)) {
    return;
  }
  if (has_lease) {
    host_.journal().record(QuotaLeased{callee_, share.leased(host_.now())});
  } else {
    host_.journal().record(QuotaLeaseLost{callee_});
  }
}

}  // namespace windtunnel::proxy
