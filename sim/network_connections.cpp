// The stream half of the network: the connection from one host to another, its retransmissions and
// its resets.
#include <algorithm>

#include "sim/network_path.hpp"

namespace windtunnel::sim {

void Network::send_on_stream(InFlight& message) {
  Path& path = *message.path;
  if (path.is_doomed) {
    lose(message);
  } else if (path.has_backlog()) {
    path.trouble->backlog.push_back(&message);
  } else {
    carry_on_stream(message, attempt(path, message));
  }
}

void Network::carry_on_stream(InFlight& message, const Attempt& sent) {
  Path& path = *message.path;
  if (sent.fate == Fate::lost) {
    start_retransmitting(path, message);
    return;
  }
  const SimulatedHost& peer = path.peer;
  if (sent.fate == Fate::rejected) {
    lose(message);
    announce_reset(path, world_.now() + 2 * path.journey->fixed_latency, ConnectionLoss::reset);
  } else if (!peer.is_running() ||
             (path.is_connected && path.peer_incarnation != peer.incarnation())) {
    lose(message);
    announce_reset(path, sent.arrives_at + (sent.arrives_at - world_.now()), ConnectionLoss::reset);
  } else {
    path.is_connected = true;
    path.peer_incarnation = peer.incarnation();
    path.last_arrival = std::max(path.last_arrival, sent.arrives_at);
    schedule_arrival(message, path.last_arrival);
  }
}

void Network::miss(InFlight& message) {
  // Nobody acknowledges what a machine without power was sent: the sender's kernel tries again.
  Path& path = *message.path;
  const bool is_unacknowledged = message.envelope.delivery == Delivery::stream &&
                                 path.is_connected && !path.has_backlog() && !path.is_doomed &&
                                 !path.peer.has_power();
  if (is_unacknowledged) {
    start_retransmitting(path, message);
  } else {
    lose(message);
  }
}

void Network::start_retransmitting(Path& path, InFlight& head) {
  Trouble& trouble = path.in_trouble();
  trouble.backlog.insert(trouble.backlog.begin(), &head);
  trouble.retransmit_after = options_.retransmit_after;
  trouble.retransmissions = 0;
  schedule_retry(path);
}

void Network::schedule_retry(Path& path) {
  path.trouble->retry = world_.scheduler().schedule(
      world_.now() + path.trouble->retransmit_after, [this, &path] { retransmit(path); },
      path.from.value());
}

void Network::retransmit(Path& path) {
  Trouble& trouble = *path.trouble;
  if (trouble.retransmissions == options_.retransmissions_max) {
    clear_backlog(path);
    announce_reset(path, world_.now(), ConnectionLoss::timeout);
    return;
  }
  ++trouble.retransmissions;
  ++counters_.retransmitted;
  InFlight& head = *trouble.backlog.front();
  const Attempt sent = attempt(path, head);
  if (sent.fate == Fate::lost) {
    trouble.retransmit_after *= 2;
    schedule_retry(path);
    return;
  }
  // What waited behind the lost segment goes out with it; any of it may be lost again and becomes
  // the new head.
  std::vector<InFlight*> waiting;
  waiting.swap(trouble.backlog);
  carry_on_stream(head, sent);
  for (auto message = waiting.begin() + 1; message != waiting.end(); ++message) {
    send_on_stream(**message);
  }
}

void Network::clear_backlog(Path& path) {
  if (path.has_backlog()) {
    world_.scheduler().cancel(path.trouble->retry);
    std::vector<InFlight*> waiting;
    waiting.swap(path.trouble->backlog);
    for (InFlight* message : waiting) {
      lose(*message);
    }
  }
}

void Network::forget_connection(Path& path) {
  clear_backlog(path);
  path.is_connected = false;
  if (path.is_doomed) {
    path.is_doomed = false;
    world_.scheduler().cancel(path.trouble->reset);
  }
}

void Network::announce_reset(Path& path, TrueInstant at, ConnectionLoss loss) {
  ++counters_.connections_reset;
  path.is_doomed = true;
  path.in_trouble().reset = world_.scheduler().schedule(
      at, [this, &path, loss] { reset_connection(path, loss); }, path.from.value());
}

void Network::reset_connection(Path& path, ConnectionLoss loss) {
  path.is_doomed = false;
  path.is_connected = false;
  SimulatedHost& host = world_.host(path.from);
  world_.trace(host.id(), EventKind::message_reset, path.to.value(), 0,
               static_cast<std::uint64_t>(loss));
  host.lose_connection(path.to, loss);
}

void Network::abandon_connection(HostId from, HostId to) {
  forget_connection(path_between(from, to));
}

void Network::reset_connections_of(HostId host) {
  // By index: looking up the way back may add a path.
  const std::vector<Path*>& paths = paths_of_host_[host.value()];
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Path& path = *paths[i];
    if (path.from == host) {
      forget_connection(path);
    } else if (path.to == host && path.is_connected && !path.is_doomed) {
      answer_with_reset(path);
    }
  }
}

void Network::answer_with_reset(Path& path) {
  Path& back = path_between(path.to, path.from);
  bring_up_to_date(back);
  const auto conditions = back.conditions();
  const bool is_blocked = std::any_of(conditions.begin(), conditions.end(), [](const auto* active) {
    return std::holds_alternative<Block>(active->condition.effect);
  });
  if (is_blocked || !back.journey->is_possible) {
    return;  // The sender goes on believing in its connection until it sends again.
  }
  clear_backlog(path);
  announce_reset(path, delayed_by_conditions(back, cross_edges(back, kFrameBytes)),
                 ConnectionLoss::reset);
}

void Network::drop_connections_of(HostId host) {
  for (Path* path : paths_of_host_[host.value()]) {
    if (path->from == host) {
      forget_connection(*path);
    }
  }
}

}  // namespace windtunnel::sim
