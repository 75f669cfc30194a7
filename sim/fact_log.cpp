#include "sim/fact_log.hpp"

namespace windtunnel::sim {

Fact FactLog::append(TrueInstant at, HostId host, const TypeDescription& type, const void* fact) {
  ByteWriter out{bytes_};
  type.encode(fact, out);
  at_.push_back(at);
  host_.push_back(host);
  type_.push_back(&type);
  end_.push_back(bytes_.size());
  return (*this)[size() - 1];
}

Fact FactLog::operator[](std::size_t i) const {
  const std::uint64_t begin = i == 0 ? 0 : end_[i - 1];
  return {at_[i], host_[i], type_[i],
          std::string_view{bytes_}.substr(static_cast<std::size_t>(begin),
                                          static_cast<std::size_t>(end_[i] - begin))};
}

}  // namespace windtunnel::sim
