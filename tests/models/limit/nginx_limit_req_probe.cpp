// usage: nginx_limit_req_probe RATE_THOUSANDTHS BURST DELAY. Reads the milliseconds of requests
// from the input, one a line, and prints for each what NginxLimitReq decides: "pass", "delay" or
// "refuse", the excess in thousandths, and the milliseconds of the delay. A negative DELAY is
// `nodelay`.
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "models/limit/nginx_limit_req.hpp"

int main(int argc, char** argv) {
  using windtunnel::limit::NginxLimitReq;
  using windtunnel::limit::NginxLimitReqOptions;
  if (argc != 4) {
    std::fprintf(stderr, "usage: nginx_limit_req_probe RATE_THOUSANDTHS BURST DELAY\n");
    return 3;
  }
  const long delay = std::strtol(argv[3], nullptr, 10);
  NginxLimitReq limiter{
      {.rate_thousandths = std::strtol(argv[1], nullptr, 10),
       .burst = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)),
       .delay = delay < 0 ? NginxLimitReqOptions::kNoDelay : static_cast<std::uint32_t>(delay)}};
  long long milliseconds = 0;
  while (std::cin >> milliseconds) {
    const auto now = windtunnel::Instant{std::chrono::milliseconds{milliseconds}};
    const windtunnel::limit::Decision decision = limiter.admit(now);
    const long long wait = decision.wait / std::chrono::milliseconds{1};
    const char* const verdict = !decision.admitted ? "refuse" : wait > 0 ? "delay" : "pass";
    std::printf("%s %lld %lld\n", verdict, static_cast<long long>(limiter.excess()), wait);
  }
  return 0;
}
