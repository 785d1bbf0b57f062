// What an operator watches: queues, ledgers, disk.
#ifndef ENTENTE_BROKER_VITAL_SIGNS_H_
#define ENTENTE_BROKER_VITAL_SIGNS_H_

#include <string>

#include "broker/context.h"
#include "broker/disk_runway.h"
#include "broker/metrics.h"

namespace entente::broker {

// Adds the gauges that are read from the parts in `context` and from the files
// in `folder`; `runway` is sampled by whoever owns it. A value that cannot be
// read is NaN. What is passed outlives the last Text() of `metrics`.
void AddVitalSigns(const Context& context, const std::string& folder,
                   const DiskRunway* runway, Metrics* metrics);

// Bytes of the database with its log and of the anchors.
double DataBytes(const std::string& folder);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_VITAL_SIGNS_H_
