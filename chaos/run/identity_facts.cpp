#include "chaos/run/identity_facts.hpp"

#include <algorithm>

#include "models/identity/facts.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

namespace {

std::string cause_of(const identity::HandshakeEnded& ended) {
  if (ended.peer != identity::Flaw::none) {
    return std::string{"server: "} + enumerator_name(ended.peer);
  }
  return ended.own == identity::Flaw::none ? ""
                                           : std::string{"client: "} + enumerator_name(ended.own);
}

/// Whoever leads next states how it found the rotation.
bool is_news(const RunRecord& record, const identity::RotationMoved& moved) {
  return std::ranges::none_of(record.rotation_moves, [&](const RotationMoveRecord& move) {
    return move.new_root == moved.new_root.value() && move.finished >= moved.finished;
  });
}

}  // namespace

void record_identity_fact(const sim::FreshFact& fact, RunRecord& record) {
  if (fact.is<identity::HandshakeEnded>()) {
    const auto& ended = fact.as<identity::HandshakeEnded>();
    record.handshakes.push_back({fact.at, fact.host, ended.server, cause_of(ended)});
  } else if (fact.is<identity::CertificateInstalled>()) {
    const auto& installed = fact.as<identity::CertificateInstalled>();
    record.certificates.push_back(
        {fact.at, fact.host, installed.issuer.value(), installed.serial, false});
  } else if (fact.is<identity::CertificateExpired>()) {
    record.certificates.push_back(
        {fact.at, fact.host, 0, fact.as<identity::CertificateExpired>().serial, true});
  } else if (fact.is<identity::RotationMoved>()) {
    const auto& moved = fact.as<identity::RotationMoved>();
    if (is_news(record, moved)) {
      record.rotation_moves.push_back({fact.at, moved.new_root.value(), moved.finished});
    }
  }
}

}  // namespace windtunnel::chaos
