// The scrolling list: stays at its end while the reader is there, and says so when they are not.

const NEAR = 48; // px that still count as the end

export default {
  props: { words: Object, servertime: Number },
  provide() {
    // Countdowns run by the server's clock, whatever the browser's says.
    return { words: this.words, skew: this.servertime - Date.now() };
  },
  data() {
    return { behind: false };
  },
  mounted() {
    const { log, content } = this.$refs;
    this.atEnd = true;
    this.seen = content.childElementCount;
    this.resized = new ResizeObserver(() => this.grown());
    this.resized.observe(content);
    this.resized.observe(log);
    this.toEnd();
  },
  unmounted() {
    this.resized.disconnect();
  },
  methods: {
    scrolled() {
      const { log } = this.$refs;
      this.atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
      if (this.atEnd) this.behind = false;
    },
    grown() {
      const count = this.$refs.content.childElementCount;
      if (this.atEnd) this.toEnd();
      else if (count > this.seen) this.behind = true;
      this.seen = count;
    },
    toEnd() {
      const { log } = this.$refs;
      log.scrollTop = log.scrollHeight;
      this.atEnd = true;
      this.behind = false;
    },
  },
  template: `
    <div class="log-frame">
      <div ref="log" class="log" role="log" aria-live="polite" aria-relevant="additions"
        tabindex="0" :aria-label="words.log" @scroll.passive="scrolled">
        <div ref="content" class="log-content"><slot></slot></div>
      </div>
      <button v-if="behind" class="jump" type="button" @click="toEnd">↓ {{ words.new_messages }}</button>
    </div>
  `,
};
