#include "client/misuse_signals.h"

#include <algorithm>

namespace entente::client {

MisuseSignals::MisuseSignals(const SignalRules& rules)
    : rules_(rules),
      volume_(rules),
      habits_(rules),
      probing_(rules),
      enrolment_(rules) {}

void MisuseSignals::See(const FoundEntry& found) {
  ++entries_;
  for (SignalDetector* detector : std::initializer_list<SignalDetector*>{
           &volume_, &habits_, &probing_, &enrolment_}) {
    detector->See(found);
  }
}

SignalReport MisuseSignals::Report() const {
  SignalReport report;
  for (const SignalDetector* detector :
       std::initializer_list<const SignalDetector*>{&volume_, &habits_,
                                                    &probing_, &enrolment_}) {
    detector->Report(&report);
  }
  std::vector<Signal>& signals = report.signals;
  signals.erase(std::remove_if(signals.begin(), signals.end(),
                               [this](const Signal& signal) {
                                 return signal.last < rules_.since;
                               }),
                signals.end());
  std::stable_sort(
      signals.begin(), signals.end(),
      [](const Signal& a, const Signal& b) { return a.last > b.last; });
  report.not_told.emplace_back(
      "what people looked up in their agency's own systems: that is in no "
      "ledger of the broker");
  return report;
}

}  // namespace entente::client
