// The line to type in. It owns its text, so nothing typed is lost to a slow connection.

export default {
  props: { words: Object, commands: Array, privately: Boolean, formopen: Boolean },
  emits: ["send", "privately", "form"],
  data() {
    return { text: "", chosen: 0, closed: false, sent: [], back: 0 };
  },
  computed: {
    found() {
      const typed = this.text.trimStart().toLowerCase();
      if (this.closed || this.usage || !typed.startsWith("/")) return [];
      return this.commands.filter(({ command }) => command.startsWith(typed.trimEnd()));
    },
    usage() {
      const typed = this.text.trimStart().toLowerCase();
      const fits = this.commands.filter(({ command }) => typed.startsWith(command + " "));
      return fits.at(-1)?.usage ?? "";
    },
  },
  watch: {
    text() {
      this.closed = false;
      this.chosen = 0;
      this.$nextTick(this.fit);
    },
  },
  methods: {
    fit() {
      const { line } = this.$refs;
      line.style.height = "auto";
      line.style.height = Math.min(line.scrollHeight, 180) + "px";
    },
    fill(text) {
      this.text = text;
      this.$refs.line.focus();
    },
    take({ command }) {
      this.fill(command + " ");
    },
    send() {
      const text = this.text.trim();
      if (!text) return;
      this.$emit("send", { text });
      this.sent.push(text);
      this.back = this.sent.length;
      this.text = "";
    },
    recall(step) {
      const to = this.back + step;
      if (to < 0 || to > this.sent.length) return;
      this.back = to;
      this.text = this.sent[to] ?? "";
    },
    key(event) {
      if (event.isComposing) return;
      const whole = this.found.some(({ command }) => command === this.text.trim().toLowerCase());
      const choosing = this.found.length > 0 && !whole;
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (choosing && event.key in steps) {
        this.chosen = (this.chosen + steps[event.key] + this.found.length) % this.found.length;
      } else if (choosing && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey) {
        this.take(this.found[this.chosen]);
      } else if (this.found.length && event.key === "Escape") {
        this.closed = true;
      } else if (event.key === "Enter" && !event.shiftKey) {
        this.send();
      } else if (event.key in steps && (this.text === "" || this.text === this.sent[this.back])) {
        this.recall(steps[event.key]);
      } else {
        return;
      }
      event.preventDefault();
    },
  },
  template: `
    <div class="composer">
      <ul v-if="found.length" id="commands" class="commands" role="listbox" :aria-label="words.commands">
        <li v-for="(item, i) in found" :id="'command-' + i" :key="item.command" role="option"
          :aria-selected="i === chosen" @mousedown.prevent="take(item)" @mouseenter="chosen = i">
          <code>{{ item.command }}</code><span>{{ item.summary }}</span>
        </li>
      </ul>
      <p v-else-if="usage" class="usage">{{ usage }}</p>
      <form class="composer-line" @submit.prevent="send">
        <button type="button" class="icon" :class="{ on: formopen }" :aria-expanded="formopen"
          :aria-label="words.form" :title="words.form" @click="$emit('form')">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h10M18 7h2M4 17h2M10 17h10M14 4v6M6 14v6"/></svg>
        </button>
        <textarea ref="line" v-model="text" rows="1" maxlength="6000" autocomplete="off"
          role="combobox" aria-autocomplete="list" aria-controls="commands"
          :aria-expanded="found.length > 0"
          :aria-activedescendant="found.length ? 'command-' + chosen : undefined"
          :aria-label="privately ? words.placeholder_private : words.placeholder"
          :placeholder="privately ? words.placeholder_private : words.placeholder"
          @keydown="key"></textarea>
        <button type="button" class="icon" :class="{ on: privately }" :aria-pressed="privately"
          :aria-label="words.privately" :title="privately ? words.privately : words.everyone"
          @click="$emit('privately')">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M5 11h14v9H5z"/><path :d="privately ? 'M8 11V8a4 4 0 0 1 8 0v3' : 'M8 11V7a4 4 0 0 1 7.5-2'"/>
          </svg>
        </button>
        <button type="submit" class="icon send" :aria-label="words.send" :title="words.send"
          :disabled="!text.trim()">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 20V5M6 11l6-6 6 6"/></svg>
        </button>
      </form>
    </div>
  `,
};
