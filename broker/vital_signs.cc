#include "broker/vital_signs.h"

#include <filesystem>
#include <limits>

#include "absl/strings/str_cat.h"
#include "broker/store/ledger_table.h"
#include "broker/store/witness_table.h"

namespace entente::broker {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

LedgerTable::Totals ReadTotals(Store* store, bool* is_read) {
  LedgerTable::Totals totals;
  *is_read = store
                 ->Read([&](Transaction& transaction) -> absl::Status {
                   const auto found = LedgerTable(transaction).CountAll();
                   if (found.ok()) totals = *found;
                   return found.status();
                 })
                 .ok();
  return totals;
}

}  // namespace

double DataBytes(const std::string& folder) {
  double bytes = 0;
  for (const char* name :
       {"entente.db", "entente.db-wal", "entente.db-shm", "anchors"}) {
    std::error_code none;
    const auto size =
        std::filesystem::file_size(absl::StrCat(folder, "/", name), none);
    if (!none) bytes += static_cast<double>(size);
  }
  return bytes;
}

void AddVitalSigns(const Context& context, const std::string& folder,
                   const DiskRunway* runway, Metrics* metrics) {
  metrics->AddGauge("entente_sequencer_queued_writes",
                    "Writes that wait for the sequencer.",
                    [sequencer = context.sequencer] {
                      return static_cast<double>(sequencer->queued());
                    });
  metrics->AddGauge("entente_ledgers", "Ledgers, with the broker's own.",
                    [store = context.store] {
                      bool is_read = false;
                      const auto totals = ReadTotals(store, &is_read);
                      return is_read ? static_cast<double>(totals.ledgers)
                                     : kUnknown;
                    });
  metrics->AddGauge("entente_ledger_entries", "Entries in all ledgers.",
                    [store = context.store] {
                      bool is_read = false;
                      const auto totals = ReadTotals(store, &is_read);
                      return is_read ? static_cast<double>(totals.entries)
                                     : kUnknown;
                    });
  metrics->AddGauge("entente_ledgers_refused",
                    "Ledgers that failed the checks at start.",
                    [ledgers = context.ledgers] {
                      return static_cast<double>(ledgers->refused().size());
                    });
  metrics->AddGauge(
      "entente_witness_quorums_missing",
      "Agreements whose quorum of witnesses is missing for too long.",
      [store = context.store] {
        uint64_t missing = 0;
        const absl::Status read =
            store->Read([&](Transaction& transaction) -> absl::Status {
              const auto count = WitnessTable(transaction).CountMissing();
              if (count.ok()) missing = *count;
              return count.status();
            });
        return read.ok() ? static_cast<double>(missing) : kUnknown;
      });
  metrics->AddGauge("entente_data_bytes",
                    "Bytes of the database, its log, and the anchors.",
                    [folder] { return DataBytes(folder); });
  metrics->AddGauge(
      "entente_disk_available_bytes",
      "Bytes that may still be written to the data folder.", [folder] {
        const auto bytes = AvailableBytes(folder);
        return bytes.ok() ? static_cast<double>(*bytes) : kUnknown;
      });
  metrics->AddGauge(
      "entente_disk_runway_seconds",
      "Until the disk is full at the rate of the last day; +Inf if it does "
      "not fill.",
      [runway] { return absl::ToDoubleSeconds(runway->Left()); });
}

}  // namespace entente::broker
