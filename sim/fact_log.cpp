#include "sim/fact_log.hpp"

namespace windtunnel::sim {

Fact FactLog::append(TrueInstant at, HostId host, const TypeDescription& type, const void* fact) {
  ByteWriter out{bytes_};
  type.encode(fact, out);
  stored_.push_back({at, &type, bytes_.size(), host});
  return (*this)[size() - 1];
}

Fact FactLog::operator[](std::size_t i) const {
  const Stored& stored = stored_[i];
  const std::uint64_t begin = i == 0 ? 0 : stored_[i - 1].end;
  return {stored.at, stored.host, stored.type,
          std::string_view{bytes_}.substr(static_cast<std::size_t>(begin),
                                          static_cast<std::size_t>(stored.end - begin))};
}

}  // namespace windtunnel::sim
