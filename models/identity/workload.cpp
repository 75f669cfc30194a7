#include "models/identity/workload.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include "models/identity/facts.hpp"

namespace windtunnel::identity {

Workload::Workload(Host& host, WorkloadOptions options)
    : host_(host),
      options_(std::move(options)),
      subject_(spiffe_id(options_.trust_domain,
                         options_.service.empty() ? host.name() : options_.service)),
      key_(KeyId{host.random("identity.key").next()}),
      node_(host.id().value() % options_.nodes.size()),
      renewal_(options_.renewal, host.random("identity.renewal")),
      renewal_timer_(host, [this] { renew(); }),
      expiry_timer_(host,
                    [this] { host_.journal().record(CertificateExpired{certificate_->serial}); }) {
  renew();
  spawn(host, report_again_and_again());
}

void Workload::renew() {
  if (renewal_.poll(host_.now())) {
    const bool is_repeated = renewal_.is_trying_again();
    if (is_repeated) {
      // What was sent in vain is sent again ever more rarely, and what follows waits for it.
      host_.abandon_connection(options_.nodes[node_]);
    }
    host_.messages().async_call<SigningResponse>(
        options_.nodes[node_],
        SigningRequest{std::string{host_.name()}, subject_, key_, is_repeated}, options_.patience,
        [this](error_code error, SigningResponse response) { hear(error, response); });
  }
}

void Workload::hear(const error_code& error, SigningResponse& response) {
  if (error || !response.granted) {
    node_ = (node_ + 1) % options_.nodes.size();
    renewal_.fail(host_.now());
  } else {
    take(std::move(response.granted->trust), response.granted->trust_revision);
    install(std::move(response.granted->certificate));
    report();
  }
  renewal_timer_.expires_at(renewal_.next_deadline());
}

void Workload::serve() {
  handshakes_ = host_.messages().serve<HandshakeRequest>(
      [this](HostId, HandshakeRequest& request, const ReplyTo& reply) { answer(request, reply); });
}

void Workload::install(Certificate certificate) {
  if (!certificate_) {
    serve();
  }
  const Duration left = certificate.not_after - host_.wall_now();
  host_.journal().record(CertificateInstalled{certificate.issuer, certificate.serial, left});
  certificate_ = std::move(certificate);
  renewal_.install(host_.now(), left);
  expiry_timer_.expires_after(std::max(left, Duration::zero()));
}

void Workload::apply(const config::Update& step) {
  for (const config::Document& document : step.written) {
    if (document.name == kTrustDocument) {
      take(*trust_of(document.content.view()), document.revision);
      report();
    }
  }
}

void Workload::take(Trust trust, std::uint64_t revision) {
  // It comes by two ways, of which either may be behind the other.
  if (!holds_trust_ || revision > trust_revision_) {
    holds_trust_ = true;
    trust_ = std::move(trust);
    trust_revision_ = revision;
  }
}

void Workload::answer(const HandshakeRequest& request, const ReplyTo& reply) {
  const std::string anybody = spiffe_id(options_.trust_domain, "");
  const Flaw flaw = flaw_of(request.chain, trust_.roots, host_.wall_now(), anybody);
  host_.messages().reply(reply, HandshakeResponse{flaw, Chain{*certificate_}});
}

bool Workload::is_connected(HostId to, Duration connection_age) const {
  const auto connected = connected_at_.find(to);
  return connected != connected_at_.end() && host_.now() - connected->second < connection_age;
}

asio::awaitable<Secured> Workload::connect(HostId to, std::string_view service, Duration timeout) {
  const std::string wanted = spiffe_id(options_.trust_domain, service);
  disconnect(to);
  if (!certificate_) {
    co_return Secured::unreachable;
  }
  HandshakeRequest request{Chain{*certificate_}};
  const auto [error, response] = co_await host_.messages().async_call<HandshakeResponse>(
      to, std::move(request), timeout, asio::as_tuple(asio::deferred));
  if (error) {
    co_return Secured::unreachable;
  }
  const Flaw peer = flaw_of(response.chain, trust_.roots, host_.wall_now(), wanted);
  host_.journal().record(HandshakeEnded{to, response.flaw, peer});
  if (peer != Flaw::none || response.flaw != Flaw::none) {
    co_return Secured::refused;
  }
  connected_at_.insert_or_assign(to, host_.now());
  co_return Secured::yes;
}

asio::awaitable<void> Workload::report_again_and_again() {
  RandomStream phase = host_.random("identity.reports");
  co_await sleep_for(host_, phase.uniform(Duration::zero(), options_.report_every));
  for (;;) {
    report();
    co_await sleep_for(host_, options_.report_every);
  }
}

void Workload::report() {
  WorkloadReport own;
  own.workload = host_.name();
  for (const Certificate& root : trust_.roots) {
    own.state.trusted.push_back(root.key);
  }
  if (certificate_) {
    own.state.issuer = certificate_->issuer;
  }
  for (const HostId node : options_.nodes) {
    host_.messages().send(node, own);
  }
}

}  // namespace windtunnel::identity
