#include "models/identity/verify.hpp"

#include <gtest/gtest.h>

#include "models/identity/issuing.hpp"
#include "models/identity/trust.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::identity {
namespace {

using namespace std::chrono_literals;

constexpr WallInstant kNoon{1000h};

Certificate root(std::uint64_t key) {
  return make_root(KeyId{key}, "here", kNoon - 10h, 1h);
}

Certificate leaf(std::uint64_t issuer, std::string subject = "spiffe://here/shop") {
  IssuingOptions options;
  options.ttl = 1h;
  options.backdate = 1min;
  return make_leaf(std::move(subject), KeyId{100}, KeyId{issuer}, 1, kNoon, options);
}

/// One authority vouches for another's key.
Certificate cross(std::uint64_t key, std::uint64_t issuer) {
  Certificate certificate = root(key);
  certificate.issuer = KeyId{issuer};
  return certificate;
}

TEST(Verify, TrustsALeafOfATrustedRootFromItsFirstInstantToBeforeItsLast) {
  const Certificate own = leaf(1);
  const auto flaw_at = [&](WallInstant now) { return flaw_of({own}, {root(2), root(1)}, now); };
  EXPECT_EQ(flaw_at(own.not_before - 1ns), Flaw::not_yet_valid);
  EXPECT_EQ(flaw_at(own.not_before), Flaw::none);
  EXPECT_EQ(flaw_at(own.not_after - 1ns), Flaw::none);
  EXPECT_EQ(flaw_at(own.not_after), Flaw::expired);
}

TEST(Verify, RefusesWhatNoTrustedRootVouchesFor) {
  EXPECT_EQ(flaw_of({}, {root(1)}, kNoon), Flaw::no_certificate);
  EXPECT_EQ(flaw_of({leaf(1)}, {}, kNoon), Flaw::unknown_issuer);
  EXPECT_EQ(flaw_of({leaf(1)}, {root(2)}, kNoon), Flaw::unknown_issuer);
  // To show a root is not to be trusted.
  EXPECT_EQ(flaw_of({leaf(1), root(1)}, {root(2)}, kNoon), Flaw::unknown_issuer);
  // A workload's key vouches for nobody.
  Certificate pretender = leaf(1);
  pretender.key = KeyId{7};
  EXPECT_EQ(flaw_of({leaf(7), pretender}, {root(1)}, kNoon), Flaw::unknown_issuer);
}

TEST(Verify, ARootHasToBeValidToo) {
  Certificate old = root(1);
  old.not_after = kNoon;
  EXPECT_EQ(flaw_of({leaf(1)}, {old}, kNoon), Flaw::expired);
  EXPECT_EQ(flaw_of({leaf(1)}, {old, root(1)}, kNoon), Flaw::none);
}

TEST(Verify, FollowsACrossCertificateToATrustedRoot) {
  EXPECT_EQ(flaw_of({leaf(2), cross(2, 1)}, {root(1)}, kNoon), Flaw::none);
  EXPECT_EQ(flaw_of({leaf(3), cross(3, 2), cross(2, 1)}, {root(1)}, kNoon), Flaw::none);
  Certificate early = cross(2, 1);
  early.not_before = kNoon + 1s;
  EXPECT_EQ(flaw_of({leaf(2), early}, {root(1)}, kNoon), Flaw::not_yet_valid);
}

TEST(Verify, EndsWhereAuthoritiesVouchForEachOtherAndForNobodyElse) {
  EXPECT_EQ(flaw_of({leaf(2), cross(2, 3), cross(3, 2)}, {root(1)}, kNoon), Flaw::unknown_issuer);
}

TEST(Verify, WantsTheNameOfWhomItSpeaksTo) {
  const auto flaw_for = [](std::string_view wanted) {
    return flaw_of({leaf(1)}, {root(1)}, kNoon, wanted);
  };
  EXPECT_EQ(flaw_for("spiffe://here/shop"), Flaw::none);
  EXPECT_EQ(flaw_for("spiffe://here/"), Flaw::none);
  EXPECT_EQ(flaw_for("spiffe://here/stock"), Flaw::wrong_identity);
  EXPECT_EQ(flaw_for("spiffe://here/sho"), Flaw::wrong_identity);
  EXPECT_EQ(flaw_for("spiffe://there/"), Flaw::wrong_identity);
}

TEST(Trust, RefusesAnUpdateThatSaysNothingAboutWhomToTrust) {
  const auto update_of = [](SharedBytes content) {
    config::Update update;
    update.written.push_back({std::string{kTrustDocument}, std::move(content), 5});
    return update;
  };
  EXPECT_FALSE(trust_flaw_of(update_of(trust_content_of(first_trust("here")))));
  EXPECT_TRUE(trust_flaw_of(update_of(SharedBytes{"nonsense"})));
  Trust of_a_workload{{leaf(1)}, KeyId{1}};
  EXPECT_TRUE(trust_flaw_of(update_of(trust_content_of(of_a_workload))));
  config::Update removal;
  removal.removed.emplace_back(kTrustDocument);
  EXPECT_TRUE(trust_flaw_of(removal));
}

}  // namespace
}  // namespace windtunnel::identity
