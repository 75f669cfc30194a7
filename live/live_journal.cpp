#include "live/live_journal.hpp"

#include <ostream>

#include "live/json_line.hpp"

namespace windtunnel::live {

std::string fact_line(WallInstant at, std::string_view host, const TypeDescription& type,
                      const void* fact) {
  std::string line = "{\"at\":" + std::to_string(nanoseconds_of(at)) + ",\"host\":";
  append_json_string(line, host);
  line += ",\"fact\":";
  append_json_string(line, type.name);
  line += ",\"fields\":";
  JsonFields fields{line};
  type.visit(fact, fields);
  fields.finish();
  line += "}\n";
  return line;
}

LiveJournal::LiveJournal(const Host& host, std::ostream* lines, FactObserver observer)
    : host_(host), lines_(lines), observer_(std::move(observer)) {}

void LiveJournal::append(const TypeDescription& type, const void* fact) {
  const WallInstant at = host_.wall_now();
  if (lines_ != nullptr) {
    *lines_ << fact_line(at, host_.name(), type, fact) << std::flush;
  }
  if (observer_) {
    observer_(at, type, fact);
  }
}

}  // namespace windtunnel::live
