#include "live/transport.hpp"

#include <algorithm>
#include <random>

#include <boost/asio/post.hpp>

#include "live/envelope_codec.hpp"
#include "live/facts.hpp"
#include "live/inbound.hpp"
#include "live/link.hpp"

namespace windtunnel::live {

namespace {

// Enough to recognise what a process that ended left in a socket.
constexpr std::size_t kEndedSessionsKept = 8;

constexpr Duration kAcceptPause = std::chrono::milliseconds{50};

SessionId draw_session() {
  std::random_device device;
  return SessionId{(std::uint64_t{device()} << 32) | device()};
}

}  // namespace

Transport::Transport(asio::io_context& context, Host& host, const TypeRegistry& types,
                     HostTable& hosts, const Endpoint& listen, TransportOptions options)
    : context_(context),
      host_(host),
      types_(types),
      hosts_(hosts),
      options_(options),
      session_(draw_session()),
      acceptor_(context, listen),
      endpoint_(acceptor_.local_endpoint()),
      accept_again_(host, [this] { accept(); }) {
  accept();
}

Transport::~Transport() = default;

void Transport::accept() {
  acceptor_.async_accept(lifetime_.guard([this](error_code error, asio::ip::tcp::socket socket) {
    if (error) {
      // Out of descriptors, most likely: trying again at once would only spin.
      accept_again_.expires_after(kAcceptPause);
      return;
    }
    add_inbound(std::move(socket));
    accept();
  }));
}

void Transport::add_inbound(asio::ip::tcp::socket socket) {
  auto inbound = std::make_unique<Inbound>(*this, std::move(socket));
  const Inbound* key = inbound.get();
  inbounds_.emplace(key, std::move(inbound));
}

void Transport::remove(Inbound& inbound) {
  inbounds_.erase(&inbound);
}

Transport::Sender* Transport::greet(Inbound& inbound, const Hello& hello) {
  auto listen = parse_endpoint(hello.listen);
  if (hello.host == host_.id() || !listen) {
    return nullptr;
  }
  const auto [entry, added] = senders_.try_emplace(hello.host);
  Sender& sender = entry->second;
  auto& ended = sender.ended_sessions;
  if (std::find(ended.begin(), ended.end(), hello.session) != ended.end()) {
    return nullptr;
  }
  if (sender.connection != nullptr) {
    // One connection per process: what is still unread on the older one comes again on this one.
    inbounds_.erase(std::exchange(sender.connection, nullptr));
  }
  if (added || sender.session != hello.session) {
    if (!added) {
      ended.insert(ended.begin(), sender.session);
      ended.resize(std::min(ended.size(), kEndedSessionsKept));
    }
    sender.session = hello.session;
    sender.received = 0;
  }
  sender.connection = &inbound;
  if (listen->address().is_unspecified()) {
    listen->address(inbound.remote().address());
  }
  hosts_.learn(hello.host, *listen);
  if (const auto link = links_.find(hello.host); link != links_.end()) {
    link->second->peer_greeted(hello.session);
  }
  return &sender;
}

Link& Transport::link_to(HostId peer) {
  auto& link = links_[peer];
  if (!link) {
    link = std::make_unique<Link>(*this, peer);
  }
  return *link;
}

void Transport::transmit(HostId to, const Envelope& envelope) {
  link_to(to).send(frame_type_of(envelope.kind), body_of(envelope));
}

void Transport::abandon_connection(HostId peer) {
  if (const auto link = links_.find(peer); link != links_.end()) {
    link->second->abandon();
  }
}

void Transport::break_connections() {
  for (const auto& [peer, link] : links_) {
    link->break_connection();
  }
}

void Transport::announce_loss(HostId peer, std::string_view reason, bool was_known) {
  ++counters_.peers_lost;
  if (was_known) {
    host_.journal().record(PeerLost{peer, std::string{reason}});
  }
  // Posted, since the loss may have come to light in a call that is itself about to start waiting.
  asio::post(host_.executor(), [this, peer] { host_.messages().connection_lost(peer); });
}

void Transport::report_bad_frame(const Endpoint& remote, std::string_view reason) {
  ++counters_.bad_frames;
  host_.journal().record(BadFrame{endpoint_text(remote), std::string{reason}});
}

}  // namespace windtunnel::live
