// Judges chains of certificates as models/identity/verify.hpp does, for a comparison with others.
//
// Each line of the input is one case: the time, the number of trusted roots, then certificates, the
// leaf first, then what else is shown, and the roots last. A certificate is five numbers: its key,
// its issuer's key, the first and the first invalid second, and 1 where it is an authority's. One
// word for each case comes out.
#include <iostream>
#include <sstream>
#include <string>

#include "models/identity/verify.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::identity {
namespace {

WallInstant at_second(std::int64_t seconds) {
  return WallInstant{std::chrono::seconds{seconds}};
}

std::string judge(const std::string& line) {
  std::istringstream in{line};
  std::int64_t now = 0;
  std::size_t roots_count = 0;
  in >> now >> roots_count;
  Chain all;
  std::uint64_t key = 0;
  std::uint64_t issuer = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  int is_authority = 0;
  while (in >> key >> issuer >> from >> to >> is_authority) {
    Certificate& certificate = all.emplace_back();
    certificate.key = KeyId{key};
    certificate.issuer = KeyId{issuer};
    certificate.not_before = at_second(from);
    certificate.not_after = at_second(to);
    certificate.usage = is_authority != 0 ? Usage::authority : Usage::workload;
  }
  const auto first_root = all.end() - static_cast<std::ptrdiff_t>(roots_count);
  const std::vector<Certificate> roots{first_root, all.end()};
  all.erase(first_root, all.end());
  return enumerator_name(flaw_of(all, roots, at_second(now)));
}

}  // namespace
}  // namespace windtunnel::identity

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << windtunnel::identity::judge(line) << '\n';
  }
}
