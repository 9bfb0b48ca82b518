// The theme of the site: VitePress's own, whose search box says to screen readers what it is.
import theme from 'vitepress/theme-without-fonts';
import { onMounted } from 'vue';
import './style.css';

/** VitePress has a button around the whole box, and links within options. Here it is a dialog with a list of links. */
function name(box) {
  box.setAttribute('role', 'dialog');
  box.setAttribute('aria-modal', 'true');
  for (const attribute of ['aria-expanded', 'aria-haspopup', 'aria-owns', 'aria-labelledby'])
    box.removeAttribute(attribute);
  box.setAttribute('aria-label', 'Search');
  for (const key of box.querySelectorAll('kbd[aria-label]')) key.setAttribute('role', 'img');
  box.querySelector('[role=listbox]')?.removeAttribute('role');
  for (const item of box.querySelectorAll('[role=option]')) item.removeAttribute('role');
  for (const item of box.querySelectorAll('li[aria-selected]')) {
    const link = item.querySelector('a.result');
    link?.removeAttribute('aria-label');
    link?.setAttribute('aria-current', item.getAttribute('aria-selected') ?? 'false');
    item.removeAttribute('aria-selected');
  }
}

export default {
  extends: theme,
  setup() {
    onMounted(() => {
      new MutationObserver(() => {
        const box = document.querySelector('.VPLocalSearchBox');
        if (box) name(box);
      }).observe(document.body, { childList: true, subtree: true, attributeFilter: ['aria-selected'] });
    });
  },
};
