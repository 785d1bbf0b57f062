// What a program needs to enrol, send and receive. Nothing else need be read.
//
//   auto system = entente::client::System::Open("/etc/entente/records");
//   (*system)->Enrol({.agreement = "isa-burglary-2026",
//                     .scheme = "pnc/1",
//                     .people = {{"REF-17", {"2001/0123456A"}}}});
//   (*system)->Send({.agreement = "isa-burglary-2026",
//                    .flow = "persons",
//                    .purpose = "investigate-series",
//                    .accompanying = {{"case_reference", "OP-LANTERN/0142"}},
//                    .columns = {"person", "surname", "birth_date"},
//                    .rows = {{"2001/0123456A", "Ashe", "1981-05-02"}}});
//   (*system)->Receive("isa-burglary-2026", [](const Delivery& delivery) {
//     return Keep(delivery);  // durable when it returns OK
//   });
//
// Follow goes on receiving until it is stopped.
//
// Find it with find_package(Entente) and link entente::client. The profile is
// the folder that `entente profile init` made, whose keys were published.
//
// Every failure is an absl::Status whose message is one sentence for people;
// client/error.h reads why, what to do, and the stable code out of it.
#ifndef ENTENTE_CLIENT_ENTENTE_H_
#define ENTENTE_CLIENT_ENTENTE_H_

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cancellation.h"

namespace entente::client {

// How long one call may take, and what may end it before.
struct Limits {
  absl::Duration timeout = absl::Minutes(10);
  const Cancellation* cancellation = nullptr;  // or null; outlives the call
};

// A row that was left out, and why; never what stands in it.
struct RefusedRow {
  size_t row = 0;      // index into what was given
  std::string column;  // its name, or empty if it is not about one
  std::string reason;

  auto operator<=>(const RefusedRow&) const = default;
};

// One person of the agency's own register.
struct Person {
  std::string reference;  // the agency's own, not empty; stays here
  // One part; three for name_dob/1: surname, forename, birth date.
  std::vector<std::string> identifier;
};

struct Enrolment {
  std::string agreement;
  std::string scheme;  // nhs/1, pnc/1, name_dob/1 or opaque/1:NAMESPACE
  std::vector<Person> people;
};

struct Enrolled {
  uint64_t identifiers = 0;  // distinct ones, all known now
  uint64_t fresh = 0;        // of them, not known before
  std::vector<RefusedRow> refused;
};

struct Shipment {
  std::string agreement;
  std::string flow;
  std::string purpose;
  std::string method = "push";  // or subscribe, extract
  std::string to = {};          // an agency; empty: all recipients of the flow
  std::map<std::string, std::string> accompanying = {};
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // one cell a column; empty: none
  // Field to column, for fields that do not stand in the column of their name.
  std::map<std::string, std::string> map = {};
  bool again = false;  // also what was sent before
  // The break-glass grant to send under, by its first 8 or more digits: with
  // the fields that it opens, for its case, to its recipient if `to` is empty.
  std::string break_glass = {};
};

struct SentShipment {
  struct Batch {
    std::string id;  // hex
    std::string recipient;
    uint64_t records = 0;
    uint64_t entry = 0;  // in `ledger`
    // The part of the agreement's ledger: its id, or with `.1` and so on.
    std::string ledger;
  };
  // What an earlier call had stored, and the broker now refuses for good.
  struct Dropped {
    std::string id;  // hex
    std::string recipient;
    uint64_t records = 0;
    absl::Status why;
  };
  // Also those that an earlier call had stored and not finished.
  std::vector<Batch> batches;
  // Their rows count as never sent: sending them again sends them.
  std::vector<Dropped> dropped;
  uint64_t sent_before = 0;  // rows left out, since an earlier call sent them
  std::vector<RefusedRow> refused;
};

// A pseudonym, as this agency alone sees it.
struct Pseudonym {
  std::string printed;               // XXXX-XXXX-XXXX-XXXX
  std::vector<std::string> matches;  // own references of the same person
};

struct ReceivedRecord {
  std::map<std::string, std::optional<std::string>> fields;
  std::map<std::string, std::optional<Pseudonym>> pseudonyms;
};

// One verified batch, opened.
struct Delivery {
  std::string batch;   // hex, the same when it comes again
  std::string sender;  // an agency
  std::string flow;
  std::string purpose;
  std::vector<ReceivedRecord> records;
  // The break-glass grant that it was sent under, hex; empty for none.
  std::string break_glass = {};
};

// Keeps a delivery. OK: it is durable, and the broker may forget it.
// InvalidArgument refuses this batch, which stays at the broker; any other
// error ends the receiving, and the batch comes again.
using Handler = std::function<absl::Status(const Delivery&)>;

struct Received {
  struct Batch {
    std::string id;  // hex
    std::string sender;
    uint64_t records = 0;
    uint64_t matched = 0;  // records with a match; 0 if `is_repeat`
    // Of `records`, those that were not as agreed and not handed over; the
    // ledger says which.
    uint64_t withheld = 0;
    bool is_repeat = false;  // handed over before, acknowledged now
  };
  std::vector<Batch> batches;
  // Batches that are not good or that the handler refused, each with why; they
  // stay at the broker.
  std::vector<absl::Status> refused;
};

// What came while Follow ran, in numbers.
struct Followed {
  uint64_t batches = 0;   // handed over
  uint64_t records = 0;   // in them
  uint64_t matched = 0;   // of these, with a match
  uint64_t withheld = 0;  // that were not as agreed
  uint64_t refused = 0;   // batches, which stay at the broker
};

// Is told of what Follow goes on after, on its thread. Either may be null.
struct FollowEvents {
  // The connection broke; once until it is there again.
  std::function<void(const absl::Status&)> broken = nullptr;
  // A batch is not good or the handler refused it; once while it stays.
  std::function<void(const absl::Status&)> refused = nullptr;
};

// An agency's system on one broker. One call at a time: not thread-safe; other
// processes with the same profile may run. Nothing is kept open between calls,
// so renewed certificates count from the next call.
//
// All calls block and may fail with
//   PermissionDenied    refused by the agreement or the broker
//   Unauthenticated     the certificate does not count
//   Unavailable         the broker cannot be reached or is busy: call again
//   DataLoss            something does not verify: somebody altered it
//   DeadlineExceeded, Cancelled    as `limits` say
// Every one may be repeated after any failure: what is in the ledger is not
// done again, and what was stored but not acknowledged is sent first. A call
// that ended early leaves no thread and no connection. What stays is in the
// profile's store: answers that were not yet read of an enrolment, a batch that
// is sealed and not acknowledged, a delivery that was handed over and not
// acknowledged. The same call finishes them.
class System {
 public:
  // `profile` is a folder. The code NO_PROFILE if it holds none;
  // InvalidArgument or FailedPrecondition say what is wrong with it;
  // InvalidArgument also if it is not a system's. Makes
  // no call. The first call in a process sets OpenSSL's defaults to TLS 1.3
  // without tickets, and turns Abseil's deadlock detection off, which gRPC
  // trips: call it before other threads use either.
  static absl::StatusOr<std::unique_ptr<System>> Open(
      const std::string& profile);
  ~System();

  // Makes pseudonyms of people of the own register, blindly. Those whose
  // identifier is malformed are refused and the others enrolled. 0.2 ms each.
  absl::StatusOr<Enrolled> Enrol(const Enrolment& enrolment,
                                 const Limits& limits = {});

  // Releases rows as the flow says, seals them to each recipient, and sends
  // them. Rows that break a rule or name nobody enrolled are refused and the
  // others sent. InvalidArgument if a column is missing. A row that went out
  // before under the same flow, purpose and accompanying values is left out,
  // unless `again`.
  absl::StatusOr<SentShipment> Send(const Shipment& shipment,
                                    const Limits& limits = {});

  // Verifies, opens and hands over what waits, batch by batch, and acknowledges
  // each after `handler`. A batch is handed over once, but may come again if
  // the process ends between `handler` and the local store: `batch` tells.
  absl::StatusOr<Received> Receive(const std::string& agreement,
                                   const Handler& handler,
                                   const Limits& limits = {});

  // Hands over what waits and what comes, until `stop` is cancelled: then it
  // returns after the batch at hand, OK. A broker that is away is waited for,
  // from 1 s up to 60 s at a time; a batch that is not acknowledged within 10
  // minutes may go to another system of the agency, which may follow too. Ends
  // with an error for anything that does not pass by itself, as Receive does
  // but for Unavailable. Each call has its own deadline.
  absl::StatusOr<Followed> Follow(const std::string& agreement,
                                  const Handler& handler,
                                  const Cancellation& stop,
                                  const FollowEvents& events = {});

 private:
  struct Parts;
  explicit System(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENTENTE_H_
