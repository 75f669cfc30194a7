#include "chaos/command/terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace windtunnel::chaos {

namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr int kBarColumns = 30;

int terminal_columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

}  // namespace

Style terminal_style(ColourChoice choice) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool wants_none = no_color != nullptr && *no_color != '\0';
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  Style style;
  style.colour = choice == ColourChoice::always ||
                 (choice == ColourChoice::automatic && is_terminal && !wants_none);
  style.width = is_terminal ? std::clamp(terminal_columns(), 60, 160) : 100;
  return style;
}

ProgressLine::ProgressLine() : is_terminal_(isatty(STDERR_FILENO) != 0) {}

void ProgressLine::show(double share, std::string_view what) {
  const double now = stopwatch_.seconds();
  if (!is_terminal_ || now - last_drawn_ < kRedrawSeconds) {
    return;
  }
  last_drawn_ = now;
  is_drawn_ = true;
  const double left = share > 0 ? now * (1 - share) / share : 0;
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * kBarColumns);
  const std::string line = fmt::format("\r\x1b[K[{:#<{}}{:.<{}}] {:3.0f} %  {}  {:.0f} s left", "",
                                       filled, "", kBarColumns - filled, share * 100, what, left);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (is_drawn_) {
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    is_drawn_ = false;
  }
}

}  // namespace windtunnel::chaos
