// One message of the chat. Every text goes through Vue's interpolation, which escapes it;
// the only addresses are our own signed links. The list it stands in provides words and clock.

const SECOND = 1000;
const UNITS = [
  ["day", 86400 * SECOND],
  ["hour", 3600 * SECOND],
  ["minute", 60 * SECOND],
  ["second", SECOND],
];
const PAUSE = 1000; // ms in which a second press of the same button is a slip of the finger
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

// A page may hold a hundred videos, a browser only some dozens of players.
const nearing = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) target.preload = "metadata";
    }
  },
  { rootMargin: "400px" },
);

const ticking = new Set();
setInterval(() => ticking.forEach((card) => (card.now = Date.now() + card.skew)), SECOND);

function spelled(ms) {
  const [unit, size] = UNITS.find(([, size]) => Math.abs(ms) >= size) ?? UNITS.at(-1);
  return relative.format(Math.trunc(ms / size) || Math.sign(ms), unit);
}

export default {
  props: { message: Object },
  inject: ["words", "skew"],
  emits: ["press", "dismiss"],
  data() {
    return { now: Date.now() + this.skew, asking: null, answer: "", seconds: "", pressed: {}, gone: false };
  },
  computed: {
    hasMoments() {
      return (this.message.lines ?? []).some((line) => line.some((span) => span.kind === "moment"));
    },
    busy() {
      return this.message.tone === "busy";
    },
    sentAt() {
      return clock.format(this.message.at);
    },
    ratio() {
      const { width, height } = this.message.video;
      return { aspectRatio: `${width} / ${height}`, "--ratio": width / height };
    },
  },
  watch: {
    hasMoments: {
      immediate: true,
      handler(has) {
        has ? ticking.add(this) : ticking.delete(this);
      },
    },
    "message.video.name"() {
      this.gone = false;
    },
  },
  directives: {
    near: {
      mounted: (video) => nearing.observe(video),
      unmounted: (video) => nearing.unobserve(video),
    },
  },
  unmounted() {
    ticking.delete(this);
  },
  methods: {
    moment(at) {
      const left = at - this.now;
      if (left >= SECOND) return spelled(left);
      // What was to come when it was said, and is due: nobody knows the second.
      const { fleeting, at: said } = this.message;
      if (this.busy || (fleeting && at > said)) return this.words.any_moment;
      return left > -45 * SECOND ? this.words.just_now : spelled(left);
    },
    exactly(at) {
      return full.format(at);
    },
    press(button, extra = {}) {
      const key = button.verb + JSON.stringify([button.args, extra]);
      const now = performance.now();
      if (now - (this.pressed[key] ?? -PAUSE) < PAUSE) return;
      this.pressed[key] = now;
      this.$emit("press", { verb: button.verb, args: { ...button.args, ...extra } });
    },
    pressed_or_ask(button) {
      if (!button.asks) return this.press(button);
      this.asking = this.asking === button ? null : button;
      this.answer = this.asking && button.keeps ? (this.message.quote ?? "") : "";
      this.seconds = "";
      this.$nextTick(() => this.$refs.answer?.focus());
    },
    send_answer() {
      const answer = this.answer.trim();
      if (!answer && !this.asking.free) return;
      const said = answer ? { [this.asking.asks]: answer } : {};
      if (this.seconds) said.seconds = this.seconds;
      this.press(this.asking, said);
      this.asking = null;
    },
  },
  template: `
    <article
      class="msg"
      :class="['tone-' + (message.tone ?? 'plain'), {
        'is-bot': message.bot, 'is-fleeting': message.fleeting, 'is-reply': message.thread }]"
      :data-message="message.id"
      :style="{ '--hue': message.hue }"
    >
      <div v-if="!message.fleeting" class="avatar" aria-hidden="true">
        <svg v-if="message.bot" viewBox="0 0 24 24"><path d="M12 2 20 10 12 22 4 10Z M12 2V22 M4 10H20"/></svg>
        <template v-else>{{ message.initial }}</template>
      </div>
      <div class="msg-main">
        <header v-if="!message.fleeting" class="msg-head">
          <strong>{{ message.author }}</strong>
          <time :datetime="new Date(message.at).toISOString()" :title="exactly(message.at)">{{ sentAt }}</time>
          <span v-if="message.private" class="chip">{{ words.only_you }}</span>
        </header>
        <p v-if="message.text !== null" class="typed">{{ message.text }}</p>
        <div v-if="message.lines" class="card">
          <header v-if="message.fleeting" class="whisper">
            <span>{{ words.only_you }} · {{ sentAt }}</span>
            <button class="plain" type="button" :aria-label="words.dismiss" :title="words.dismiss"
              @click="$emit('dismiss')">✕</button>
          </header>
          <p v-if="message.asked" class="asked">{{ message.asked }}</p>
          <blockquote v-if="message.quote">{{ message.quote }}</blockquote>
          <div v-if="message.progress !== null" class="bar" role="progressbar"
            :aria-label="words.rendering" aria-valuemin="0" aria-valuemax="100"
            :aria-valuenow="message.progress">
            <span :style="{ width: message.progress + '%' }"></span>
          </div>
          <p v-for="(line, i) in message.lines" :key="i" class="line">
            <template v-for="(span, j) in line" :key="j">
              <time v-if="span.kind === 'moment'" class="moment" :title="exactly(span.at)"
                :datetime="new Date(span.at).toISOString()">{{ moment(span.at) }}</time>
              <strong v-else-if="span.kind === 'strong'">{{ span.text }}</strong>
              <code v-else-if="span.kind === 'code'">{{ span.text }}</code>
              <span v-else-if="span.kind === 'mention'" class="mention" :class="{ me: span.me }">{{ span.text }}</span>
              <template v-else>{{ span.text }}</template>
            </template>
          </p>
          <figure v-if="message.video" class="clip" :style="ratio">
            <p v-if="gone" class="gone">{{ words.gone }}</p>
            <video v-else v-near controls playsinline preload="none"
              :src="message.video.src" :poster="message.video.poster || undefined"
              :aria-label="message.quote || message.video.filename" @error="gone = true"></video>
            <figcaption>
              <span>{{ message.video.facts }}</span>
              <a :href="message.video.src" :download="message.video.filename">{{ words.download }}</a>
            </figcaption>
          </figure>
          <template v-for="file in message.files" :key="file.src">
            <figure v-if="file.picture" class="sheet">
              <a :href="file.src" target="_blank"><img :src="file.src" :alt="file.alt"></a>
              <figcaption><a :href="file.src" :download="file.name">{{ words.download }}</a></figcaption>
            </figure>
            <p v-else class="document">
              <a :href="file.src" :download="file.name">{{ file.facts }}</a>
              <span>{{ file.alt }}</span>
            </p>
          </template>
          <div v-if="message.buttons.length" class="buttons">
            <button v-for="button in message.buttons" :key="button.label" type="button"
              class="small" :class="{ danger: button.danger }"
              :aria-expanded="button.asks ? asking === button : undefined"
              @click="pressed_or_ask(button)">{{ button.label }}</button>
          </div>
          <form v-if="asking" class="ask" @submit.prevent="send_answer">
            <label>{{ asking.asked }}
              <textarea ref="answer" v-model="answer" rows="3" maxlength="4000"
                @keydown.enter.exact.prevent="send_answer" @keydown.esc="asking = null"></textarea>
            </label>
            <label v-if="asking.lengths.length">{{ words.more_seconds }}
              <select v-model="seconds">
                <option value="">{{ words.usual_length }}</option>
                <option v-for="length in asking.lengths" :key="length.value"
                  :value="length.value">{{ length.label }}</option>
              </select>
            </label>
            <div class="buttons">
              <button class="small primary" type="submit">{{ words.send }}</button>
              <button class="small" type="button" @click="asking = null">{{ words.back }}</button>
            </div>
          </form>
        </div>
      </div>
    </article>
  `,
};
