// Videos to look through. Stills are pictures; a player is there for the one video that was pressed.
// Every text goes through Vue's interpolation; the only addresses are our own signed links.

const PAUSE = 300; // ms without a key after which a search is sent
const NOTHING = { words: "", show: "all", author: "", model: "", tag: "", order: "newest" };

export default {
  props: { words: Object, choices: Object, wall: Object },
  emits: ["look", "more", "first", "like", "family"],
  data() {
    return { asked: { ...NOTHING }, open: false, playing: null, gone: false, family: null, timer: null, adding: null };
  },
  computed: {
    narrowed() {
      const { words, ...others } = this.asked;
      return Object.entries(others).filter(([name, value]) => value !== NOTHING[name]).length;
    },
    ownOnly() {
      return this.asked.show === "mine" || this.asked.show === "drafts";
    },
  },
  watch: {
    // Whoever walks by keyboard goes on at the first new video, and is never thrown off the page.
    wall(now, before) {
      const within = this.$el.contains(document.activeElement);
      const goesOn = now.tiles[0]?.id === before.tiles[0]?.id;
      const next = this.adding === null ? null : goesOn ? this.adding : 0;
      this.adding = null;
      this.$nextTick(() => {
        if (next !== null) {
          const tile = this.$el.querySelectorAll(".tile")[next];
          tile?.querySelector("button")?.focus({ preventScroll: next > 0 });
        }
        if (within && !this.$el.contains(document.activeElement)) {
          this.$refs.told.focus({ preventScroll: true });
        }
      });
    },
  },
  unmounted() {
    clearTimeout(this.timer);
  },
  methods: {
    look() {
      clearTimeout(this.timer);
      this.playing = null;
      this.$emit("look", { ...this.asked });
    },
    typed() {
      clearTimeout(this.timer);
      this.timer = setTimeout(this.look, PAUSE);
    },
    play(tile) {
      this.gone = false;
      this.playing = tile.id;
      this.$nextTick(() => this.$refs.player?.[0]?.focus());
    },
    more() {
      this.adding = this.wall.tiles.length;
      this.$emit("more");
    },
    back() {
      this.$emit("first");
      this.$refs.search.focus();
    },
    open_family(picture, lines) {
      this.family = { picture, lines };
      this.$nextTick(() => {
        const { family } = this.$refs; // two clicks are answered twice
        if (family && !family.open) family.showModal();
      });
    },
  },
  template: `
    <div class="gallery">
      <form class="narrow" role="search" :aria-label="words.look" @submit.prevent="look">
        <div class="narrow-line">
          <input ref="search" type="search" v-model="asked.words" maxlength="200" autocomplete="off"
            :aria-label="words.words" :placeholder="words.words" @input="typed">
          <button class="small" type="button" :aria-controls="open ? 'gallery-narrow' : undefined" :aria-expanded="open"
            @click="open = !open">{{ words.filters }}<template v-if="narrowed"> · {{ narrowed }}</template></button>
        </div>
        <div v-if="open" id="gallery-narrow" class="narrow-choices">
          <div v-for="name in ['show', 'author', 'model', 'order']" :key="name">
            <label :for="'gallery-' + name">{{ words[name] }}</label>
            <select :id="'gallery-' + name" v-model="asked[name]" :disabled="name === 'author' && ownOnly" @change="look">
              <option v-for="[value, text] in choices[name]" :key="value" :value="value">{{ text }}</option>
            </select>
          </div>
          <div>
            <label for="gallery-tag">{{ words.tag }}</label>
            <input id="gallery-tag" type="text" v-model="asked.tag" maxlength="25" autocomplete="off"
              placeholder="#" @input="typed">
          </div>
        </div>
      </form>
      <p ref="told" class="told muted" role="status" tabindex="-1">{{ wall.told }}</p>
      <ul class="grid">
        <li v-for="tile in wall.tiles" :key="tile.id" class="tile" :data-job="tile.id">
          <div class="still">
            <p v-if="playing === tile.id && gone" class="gone">{{ words.gone }}</p>
            <video v-else-if="playing === tile.id" ref="player" controls autoplay playsinline tabindex="0"
              :src="tile.src" :poster="tile.poster || undefined" :aria-label="tile.title"
              @error="gone = true"></video>
            <button v-else type="button" class="press" :aria-label="words.play + ': ' + tile.title" @click="play(tile)">
              <img v-if="tile.poster" :src="tile.poster" alt="" loading="lazy" decoding="async">
              <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 6.5v11l9-5.5z"/></svg>
              <span class="length" aria-hidden="true">{{ tile.length }}</span>
            </button>
          </div>
          <h2 class="tile-title">{{ tile.title }}</h2>
          <p v-if="tile.prompt" class="tile-prompt muted">{{ tile.prompt }}</p>
          <p class="muted">{{ tile.by }} <span v-if="tile.draft" class="chip">{{ tile.draft }}</span></p>
          <p v-if="tile.tags.length" class="tile-tags muted">{{ tile.tags.join(' ') }}</p>
          <div class="deeds">
            <button type="button" class="small heart" :aria-pressed="tile.liked" :aria-label="tile.liking"
              @click="$emit('like', { job: tile.id, liked: !tile.liked })">
              <span aria-hidden="true">{{ tile.liked ? '♥' : '♡' }} {{ tile.likes }}</span>
            </button>
            <button type="button" class="small" aria-haspopup="dialog"
              :aria-label="tile.family + ': ' + tile.title"
              @click="$emit('family', { job: tile.id })">{{ tile.family }}</button>
          </div>
        </li>
      </ul>
      <div class="pages">
        <button v-if="wall.moved" type="button" class="small" @click="back">{{ words.first }}</button>
        <button v-if="wall.more" type="button" class="small more" @click="more">{{ words.more }}</button>
      </div>
      <dialog v-if="family" ref="family" class="family" :aria-label="words.family" @close="family = null">
        <form method="dialog"><button class="small" autofocus>{{ words.close }}</button></form>
        <img v-bind="family.picture">
        <details>
          <summary>{{ words.in_words }}</summary>
          <p v-for="(line, i) in family.lines" :key="i">{{ line }}</p>
        </details>
      </dialog>
    </div>
  `,
};
