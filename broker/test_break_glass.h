// What the tests of the break-glass service stand on.
#ifndef ENTENTE_BROKER_TEST_BREAK_GLASS_H_
#define ENTENTE_BROKER_TEST_BREAK_GLASS_H_

#include <string>

#include "broker/test_glass.h"
#include "gtest/gtest.h"

namespace entente::broker {

class BreakGlassServiceTest : public testing::Test {
 protected:
  certs::BreakGlassAct Ask() {
    return all_.GlassAct(certs::GlassActKind::kAsk, all_.north);
  }
  std::string CodeOfAsk(const certs::BreakGlassAct& act, const Person& signer) {
    const auto done = all_.DoGlass(act, signer);
    return done.ok() ? "OK" : ReasonIn(done.status());
  }
  // The state that every party and the overseer are told, or what of it
  // differs.
  std::string Told() {
    std::string told;
    for (const Person* reader : {&all_.north, &all_.west, &all_.panel}) {
      const auto notices = all_.Notices(*reader);
      const std::string state = notices.empty() ? "none" : notices[0].state();
      if (told.empty()) told = state;
      if (told != state) return "they are told different things";
    }
    return told;
  }
  absl::Status Note() { return all_.glass->NoteDue(); }

  TestGlass all_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_BREAK_GLASS_H_
