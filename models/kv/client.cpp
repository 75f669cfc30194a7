#include "models/kv/client.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include "runtime/timer.hpp"

namespace windtunnel::kv {

namespace {

/// Whether a request that ended so may have taken effect all the same. A refusal by a host without
/// a node did not.
bool may_have_happened(const error_code& error, Status status) {
  if (error) {
    return error != asio::error::connection_refused;
  }
  return status == Status::leadership_lost;
}

}  // namespace

Client::Client(Host& host, ClientOptions options)
    : host_(host), options_(std::move(options)), jitter_(host.random("kv.client")), node_() {
  check(!options_.nodes.empty(), "a client knows at least one node");
  node_ = options_.nodes[static_cast<std::size_t>(jitter_.below(options_.nodes.size()))];
}

asio::awaitable<Result<WriteResponse>> Client::write(std::string key, SharedBytes value) {
  return operate<WriteResponse>(WriteRequest{std::move(key), std::move(value)});
}

asio::awaitable<Result<ReadResponse>> Client::read(std::string key) {
  return operate<ReadResponse>(ReadRequest{std::move(key)});
}

asio::awaitable<Result<ScanResponse>> Client::scan(ScanRequest request) {
  return operate<ScanResponse>(std::move(request));
}

asio::awaitable<Result<ChangeResponse>> Client::change(ChangeRequest request) {
  auto result = co_await operate<ChangeResponse>(std::move(request));
  if (result.outcome == Outcome::ok && result.is_ambiguous &&
      result.response.outcome != ChangeOutcome::done) {
    result.outcome = Outcome::indeterminate;
  }
  co_return result;
}

asio::awaitable<Result<LeaseResponse>> Client::grant(Duration ttl) {
  return operate<LeaseResponse>(LeaseGrantRequest{ttl});
}

asio::awaitable<Result<LeaseResponse>> Client::revoke(LeaseId id) {
  return operate<LeaseResponse>(LeaseRevokeRequest{id});
}

asio::awaitable<Result<KeepAliveResponse>> Client::keep_alive(std::vector<LeaseId> leases) {
  return operate<KeepAliveResponse>(KeepAliveRequest{std::move(leases)});
}

template <typename Response, typename Request>
asio::awaitable<Result<Response>> Client::operate(Request request) {
  const Instant deadline = host_.now() + options_.deadline;
  Result<Response> result;
  std::optional<HostId> hint;
  for (;;) {
    const Duration left = deadline - host_.now();
    if (left <= Duration::zero() || result.attempts == options_.attempts_max) {
      break;
    }
    ++result.attempts;
    const HostId node = node_;
    auto [error, response] = co_await host_.messages().async_call<Response>(
        node, request, std::min(options_.timeout, left), asio::as_tuple(asio::deferred));
    if (!error && response.status == Status::ok) {
      node_ = node;
      result.outcome = Outcome::ok;
      result.response = std::move(response);
      co_return result;
    }
    if (!error && response.status == Status::compacted) {
      co_return result;
    }
    result.is_ambiguous = result.is_ambiguous || may_have_happened(error, response.status);
    const bool knows_better =
        !error && response.leader && *response.leader != node && response.leader != hint;
    hint = error ? std::nullopt : response.leader;
    // Others that failed at the same node may have moved on already: follow them instead of moving
    // twice.
    if (node_ == node) {
      node_ = next_node(node, hint);
    }
    if (!knows_better) {
      // A first redirection is followed at once; anything else waits.
      const Duration pause = std::min(pause_before(result.attempts), deadline - host_.now());
      if (pause > Duration::zero()) {
        co_await sleep_for(host_, pause);
      }
    }
  }
  result.outcome = result.is_ambiguous ? Outcome::indeterminate : Outcome::failed;
  co_return result;
}

HostId Client::next_node(HostId tried, std::optional<HostId> hint) const {
  const auto& nodes = options_.nodes;
  if (hint && *hint != tried && std::find(nodes.begin(), nodes.end(), *hint) != nodes.end()) {
    return *hint;
  }
  const auto at = std::find(nodes.begin(), nodes.end(), tried);
  return at == nodes.end() || at + 1 == nodes.end() ? nodes.front() : *(at + 1);
}

Duration Client::pause_before(std::uint32_t attempt) {
  Duration most = options_.backoff;
  for (std::uint32_t i = 1; i < attempt && most < options_.backoff_max; ++i) {
    most *= 2;
  }
  return jitter_.uniform(Duration::zero(), std::min(most, options_.backoff_max));
}

}  // namespace windtunnel::kv
