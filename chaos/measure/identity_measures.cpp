#include "chaos/measure/identity_measures.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

MeasureValue handshake_failures(const RunRecord& record, TimeWindow window) {
  std::uint64_t made = 0;
  std::uint64_t refused = 0;
  for (const HandshakeRecord& handshake : record.handshakes) {
    if (window.contains(handshake.at)) {
      ++made;
      refused += handshake.cause.empty() ? 0U : 1U;
    }
  }
  return made == 0 ? no_evidence("no handshake was made") : measured(Count{refused}, made);
}

MeasureValue expired(const RunRecord& record, TimeWindow window) {
  std::uint64_t known = 0;
  std::uint64_t expired = 0;
  for (const CertificateRecord& certificate : record.certificates) {
    known += certificate.at < window.to && !certificate.has_expired ? 1U : 0U;
    expired += window.contains(certificate.at) && certificate.has_expired ? 1U : 0U;
  }
  return known == 0 ? no_evidence("no proxy had a certificate") : measured(Count{expired}, known);
}

/// When so many steps were done; the rotation begins when it is asked for.
std::optional<TrueInstant> done_at(const RunRecord& record, const RotationAskedRecord& asked,
                                   std::size_t steps) {
  if (steps == 0) {
    return asked.asked_at;
  }
  const auto move = std::ranges::find_if(record.rotation_moves, [&](const RotationMoveRecord& m) {
    return m.new_root == asked.new_root && m.finished >= steps;
  });
  return move == record.rotation_moves.end() ? std::nullopt : std::optional{move->at};
}

/// From when so many steps were done until so many were.
MeasureValue stretch(const RunRecord& record, const RotationAskedRecord& asked, std::size_t before,
                     std::size_t after) {
  const std::optional<TrueInstant> from = done_at(record, asked, before);
  if (!from) {
    return censored("the step had not begun when the run ended", 1);
  }
  const std::optional<TrueInstant> to = done_at(record, asked, after);
  return to ? measured(*to - *from, 1)
            : censored("not all proxies had followed when the run ended", 1,
                       Amount{record.ended_at - *from});
}

}  // namespace

MeasureValue identity_measure(const RunRecord& record, std::string_view measure,
                              TimeWindow window) {
  if (measure == "identity.handshake_failures") {
    return handshake_failures(record, window);
  }
  check(measure == "identity.expired", "this measure of identity is in the catalogue only");
  return expired(record, window);
}

MeasureValue rotation_measure(const RunRecord& record, std::string_view measure,
                              std::string_view id) {
  const auto asked = std::ranges::find(record.rotations, id, &RotationAskedRecord::id);
  if (asked == record.rotations.end()) {
    return not_applicable("no root was rotated");
  }
  if (measure == "rotation.convergence") {
    return stretch(record, *asked, 0, asked->steps.size());
  }
  const std::string_view name = measure.substr(std::string_view{"rotation.convergence."}.size());
  const auto step = std::ranges::find(asked->steps, name);
  check(step != asked->steps.end(), "a rotation has the three steps");
  const auto before = static_cast<std::size_t>(step - asked->steps.begin());
  return stretch(record, *asked, before, before + 1);
}

}  // namespace windtunnel::chaos
