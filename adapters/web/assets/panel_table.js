// A table that becomes a list where there is no room (roles keep it a table for those who listen).

const when = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export default {
  props: { label: String, columns: Array, rows: Array },
  methods: {
    when: (at) => when.format(at),
    exactly: (at) => full.format(at),
    signed: (number) => (number > 0 ? "+" : number < 0 ? "−" : "") + Math.abs(number).toLocaleString("en"),
  },
  template: `
    <table class="rows" role="table" :aria-label="label">
      <thead role="rowgroup">
        <tr role="row">
          <th v-for="column in columns" :key="column" role="columnheader" scope="col">{{ column }}</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        <tr v-for="row in rows" :key="row.key" role="row">
          <td v-for="(cell, i) in row.cells" :key="i" role="cell" :data-label="columns[i]" :class="'is-' + cell.kind">
            <code v-if="cell.kind === 'code'">{{ cell.text }}</code>
            <time v-else-if="cell.kind === 'moment'" :title="exactly(cell.at)">{{ when(cell.at) }}</time>
            <span v-else-if="cell.kind === 'state'" class="state" :class="'tone-' + cell.tone">{{ cell.text }}</span>
            <span v-else-if="cell.kind === 'amount'" :class="cell.amount < 0 ? 'out' : 'in'">{{ signed(cell.amount) }}</span>
            <template v-else>{{ cell.text }}</template>
          </td>
        </tr>
      </tbody>
    </table>
  `,
};
