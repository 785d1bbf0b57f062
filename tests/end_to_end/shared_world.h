// One world for all tests of a process, and what a script sees of a command.
#ifndef ENTENTE_TESTS_END_TO_END_SHARED_WORLD_H_
#define ENTENTE_TESTS_END_TO_END_SHARED_WORLD_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/world/world.h"

namespace entente::end_to_end {

using nlohmann::json;
using world::kAgreement;
using world::kInspector;
using world::kLeft;
using world::kOtherPurpose;
using world::kPurpose;
using world::kRight;
using world::World;

// The flows of the agreement in force, all from kLeft to kRight.
inline constexpr char kPersons[] = "persons";  // demands a case
inline constexpr char kScarce[] = "scarce";    // 2 calls and 3 records a day

// Guards against hanging; no test expects anything to take this long.
inline constexpr absl::Duration kPatience = absl::Minutes(3);

// The document of the agreement in force.
std::string Document(const world::Facts& facts);

// What one command came to under `-o json`.
struct Ended {
  int exit_code = -1;
  json out;         // of standard output; null if it was empty
  json error;       // the "error" of the last line of standard error, or null
  std::string err;  // all of standard error
};

// The world of this process, in the state that the agreement is in force and
// kPeople are enrolled on both sides. Made by the first call; what made it fail
// is told to every caller. Removed with the process if all tests passed.
absl::Status ShareWorld(World** world);

// A test in the shared world, which it must leave as it found it: others use
// other certificates, flows and agreement ids.
class EndToEnd : public testing::Test {
 protected:
  void SetUp() override;
  World& world() { return *world_; }

  std::string Profile(const std::string& agency, const std::string& name) {
    return world_->Profile(agency, name);
  }
  std::string LeftSystem() { return Profile(kLeft, "system"); }
  std::string RightSystem() { return Profile(kRight, "system"); }

  // A new folder of this test's own.
  std::string Folder();
  // A new file there with `content`; its path.
  std::string Write(const std::string& name, const std::string& content);

  Ended Run(const std::string& profile, std::vector<std::string> words);
  // `send --again` as kLeft's system with what every sending needs, then
  // `more`: tests send the same people.
  Ended Send(const std::string& flow, const std::string& purpose,
             const std::string& file, std::vector<std::string> more = {});

  // A row of `audit list` of a ledger (empty: the broker's own), as an auditor
  // sees it; null if there is none of this index.
  json Entry(const std::string& ledger, uint64_t index);

 private:
  World* world_ = nullptr;
  std::string folder_;
};

// A script's expectation of a failure. Texts are parts of what is said.
struct Failure {
  int exit_code = 1;
  std::string code;
  std::string what;
  std::string why = {};
  std::string next = {};
};

// Whether `ended` failed so, with nothing on standard output, and with advice
// unless the failure speaks for itself (`wanted.next` is "-").
void ExpectFailure(const Ended& ended, const Failure& wanted);

// Whether the error names `ledger` and `entry` is the refusal there.
void ExpectRefusalEntry(const Ended& ended, const std::string& ledger,
                        const json& entry, const std::string& kind,
                        const std::string& code);

// CSV of people with valid NHS numbers, the first `count` of those enrolled.
std::string People(size_t count);
// Values of the first of them.
inline constexpr absl::string_view kFirstNhsNumber = "9434765919";
inline constexpr absl::string_view kFirstSurname = "Quillfeather";
inline constexpr absl::string_view kFirstReference = "LR-00001";

std::string ReadAll(const std::string& path);
// The lines of a file of refused rows, without its heading.
std::vector<std::string> RefusedRows(const std::string& path);

}  // namespace entente::end_to_end

#endif  // ENTENTE_TESTS_END_TO_END_SHARED_WORLD_H_
